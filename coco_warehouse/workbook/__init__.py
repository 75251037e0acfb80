"""The month as a workbook for finance: exceptions to fill in, what ties to what, and the sheets behind it."""
