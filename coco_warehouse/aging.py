"""Buckets of age: those of the macro `aging_bucket`, for what is aged by another day than that of the build."""

# Buckets and the most days that each holds; what is older is in the last.
LIMITS = (("0-30", 30), ("31-60", 60), ("61-90", 90))
AGING_BUCKETS = ("not_due", *(bucket for bucket, _ in LIMITS), "over_90")


def aging_bucket(days: str) -> str:
    """The bucket of an age as SQL. `days` is integer SQL, below 0 before the due day; null is in the last bucket."""
    whens = " ".join(f"when {days} <= {most} then '{bucket}'" for bucket, most in LIMITS)
    return f"case when {days} < 0 then 'not_due' {whens} else 'over_90' end"
