{%- set null_text = "cast(null as " ~ dbt.type_string() ~ ")" -%}
{%- set rows = [
    ["'invalid_phone'", "'invalid_phone'"], ["'404'", "'404'"], ["'E-1.2:b_C'", "'E-1.2:b_C'"], ["'12345'", "'12345'"], ["'123456'", null_text],
    ["'954-895-8785'", null_text], ["'1-2.3_4:5-6'", null_text], ["'1-2a3-4b5-6'", "'1-2a3-4b5-6'"], ["'call me'", null_text], ["'a' || chr(10)", null_text],
    ["'a@b.c'", null_text], ["'José'", null_text], ["repeat('x', 60)", "repeat('x', 60)"], ["repeat('x', 61)", null_text], ["''", null_text],
    [null_text, null_text],
] -%}
with

{{ literal_cases(['message', 'expected'], rows) }},

final as (
    select
        message,
        expected,
        {{ code_word('message') }} as found
    from cases
)

select * from final
where found is distinct from expected
