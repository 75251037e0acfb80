{#
  The wall clock of a zone, on the days when clocks are set back and forward too: of the hour that comes twice the second is meant, and an hour that
  does not come is read as if clocks had not been set forward.
#}
{%- set rows = [
    ["'2026-07-01 19:00:00'", "'America/Los_Angeles'", "'2026-07-01 12:00:00'", "'2026-07-01 19:00:00'"],
    ["'2026-12-01 03:30:00.5'", "'America/New_York'", "'2026-11-30 22:30:00.5'", "'2026-12-01 03:30:00.5'"],
    ["'2026-11-01 08:30:00'", "'America/Los_Angeles'", "'2026-11-01 01:30:00'", "'2026-11-01 09:30:00'"],
    ["'2026-11-01 09:30:00'", "'America/Los_Angeles'", "'2026-11-01 01:30:00'", "'2026-11-01 09:30:00'"],
    ["'2026-11-01 10:00:00'", "'America/Los_Angeles'", "'2026-11-01 02:00:00'", "'2026-11-01 10:00:00'"],
    ["'2026-03-08 10:30:00'", "'America/Los_Angeles'", "'2026-03-08 03:30:00'", "'2026-03-08 10:30:00'"],
    ["'2026-09-01 00:00:00'", "'UTC'", "'2026-09-01 00:00:00'", "'2026-09-01 00:00:00'"],
] -%}
with

{{ literal_cases(['moment', 'zone', 'wall_clock', 'moment_of_wall_clock'], rows) }},

typed as (
    select
        cast(moment as timestamp) as moment,
        zone,
        cast(wall_clock as timestamp) as wall_clock,
        cast(moment_of_wall_clock as timestamp) as moment_of_wall_clock
    from cases
),

final as (
    select
        *,
        {{ local_timestamp('moment', 'zone') }} as found_wall_clock,
        {{ utc_from_local('wall_clock', 'zone') }} as found_moment,
        {{ utc_from_local("timestamp '2026-03-08 02:30:00'", "'America/Los_Angeles'") }} as found_moment_of_no_hour
    from typed
)

select * from final
where
    found_wall_clock is distinct from wall_clock
    or found_moment is distinct from moment_of_wall_clock
    or found_moment_of_no_hour is distinct from timestamp '2026-03-08 10:30:00'
