{%- set rows = [
    ["'[{\"name\": \"a  b\", \"points\": 7}, [ 1 , 2 ], \"x : y\", 3, null, true]'",
        "'{\"name\":\"a  b\",\"points\":7}' || chr(10) || '[1,2]' || chr(10) || '\"x : y\"' || chr(10) || '3' || chr(10) || 'null' || chr(10) || 'true'"],
    ["'[ {' || chr(10) || '  \"quoted\" : \"say \\\" : \\\\\\\\\" , \"in\" : { \"deep\" : [ ] } } ]'", "'{\"quoted\":\"say \\\" : \\\\\\\\\",\"in\":{\"deep\":[]}}'"],
] -%}
with

{{ literal_cases(['written', 'expected'], rows) }},

opened as (
    {{ open_contents('cases', ['written', 'expected'], 'written') }}
),

found as (
    select
        written,
        expected,
        {{ dbt.listagg('element', 'chr(10)', 'order by position') }} as found
    from opened
    group by written, expected
),

-- a case that opens no element would be missing
final as (
    select
        cases.written,
        cases.expected,
        found.found
    from cases
    left join found on cases.written = found.written
)

select * from final
where found is distinct from expected
