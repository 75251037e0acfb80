{# Rows of reference data that share a key; a blank part of a key is a value of its own ("every store"). columns: list of the columns that make the key. #}
{% test seed_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
