{%- set rows = [
    ["'12'", 'true', '1200'], ["'12.3'", 'true', '1230'], ["'12.34'", 'true', '1234'], ["'-12.34'", 'true', '-1234'], ["'(12.34)'", 'true', '-1234'],
    ["'($12.34)'", 'true', '-1234'], ["'$1,234.56'", 'true', '123456'], ["'-$1,234.56'", 'true', '-123456'], ["' 7.00 '", 'true', '700'],
    ["'$ 1,234.56'", 'true', '123456'], ["'- $5.00'", 'true', '-500'], ["'$-5.00'", 'true', '-500'], ["' $ (1,234.56) '", 'true', '-123456'], ["'( 5 )'", 'true', '-500'],
    ["' $ -   '", 'true', 'null'], ["'$'", 'false', 'null'], ["'(-5.00)'", 'false', 'null'], ["'-$-5'", 'false', 'null'], ["'5.00-'", 'false', 'null'], ["'1 234.56'", 'false', 'null'],
    ["'EUR 5.00'", 'false', 'null'], ["'0'", 'true', '0'], ["'-0.00'", 'true', '0'], ["'12.'", 'true', '1200'], ["'9999999999999.99'", 'true', '999999999999999'],
    ["''", 'true', 'null'], ["'  '", 'true', 'null'], ["'NULL'", 'true', 'null'], ["'-'", 'true', 'null'], ["cast(null as " ~ dbt.type_string() ~ ")", 'true', 'null'],
    ["'12.345'", 'false', 'null'], ["'1,23.45'", 'false', 'null'], ["'12.34.56'", 'false', 'null'], ["'abc'", 'false', 'null'], ["'1e3'", 'false', 'null'],
    ["'(12.34'", 'false', 'null'], ["'--5'", 'false', 'null'], ["'.50'", 'false', 'null'], ["'N/A'", 'false', 'null'], ["'99999999999999'", 'false', 'null'],
    ["'12.34' || chr(10)", 'false', 'null'], ["'9,999,999,999,999.99'", 'true', '999999999999999'], ["'10,999,999,999,999.99'", 'false', 'null'],
] -%}
with

{{ literal_cases(['written', 'is_amount', 'cents'], rows) }},

final as (
    select
        written,
        is_amount,
        {{ is_amount_text('written') }} as found_is_amount,
        cast(cents as bigint) as cents,
        {{ text_to_cents('written') }} as found_cents
    from cases
)

select * from final
where
    is_amount <> found_is_amount
    or coalesce(cents, -77) <> coalesce(found_cents, -77)
