{#
  Reads JSON objects once into flat, typed columns, with a finding for every leaf that is not what the declaration says.

  from_relation: name of a relation or CTE; keys: list of its columns to keep; document: its string column that holds one JSON
  object (null, for one that cannot be read: every leaf is null, and that is found); leaves: a declaration such as order_document_leaves();
  path_prefix: string SQL put before each path in a finding; with_personal: whether personal leaves become columns (they are checked either way);
  with_unknown: whether members that the declaration does not know are looked for.

  Returns: a select statement with the keys, a column per leaf (see leaf_column) and
    rejecting_findings string: findings on required leaves and on money, one a line, null when there are none
    other_findings     string: all other findings, likewise
    unknown_members    string, with_unknown: the members that are not declared, one a line as 'path: kind', null when there are none
  Types: text -> string, cents -> bigint, number -> decimal(28, 9), boolean, time -> timestamp (UTC), array -> string (its JSON);
  an object has no column but has_<column> boolean. A leaf with a finding is null.
#}
{% macro parse_leaves(from_relation, keys, document, leaves, path_prefix="''", with_personal=false, with_unknown=false) %}
{{ return(adapter.dispatch('parse_leaves', 'coco_warehouse')(from_relation, keys, document, leaves, path_prefix, with_personal, with_unknown)) }}
{% endmacro %}

{#
  Opens JSON arrays of objects and reads the elements as parse_leaves does with_unknown, a row each.
  array: the string column of from_relation that holds a JSON array (null and anything else: no rows). path_prefix may ask for position.
  Returns: as parse_leaves, and position bigint, from 1, after the keys.
#}
{% macro parse_array_leaves(from_relation, keys, array, leaves, path_prefix="''", with_personal=false) %}
{{ return(adapter.dispatch('parse_array_leaves', 'coco_warehouse')(from_relation, keys, array, leaves, path_prefix, with_personal)) }}
{% endmacro %}

{% macro postgres__parse_array_leaves(from_relation, keys, array, leaves, path_prefix, with_personal) %}
with opened as (
    {{ open_array(from_relation, keys, array) }}
)
{{ parse_leaves('opened', keys + ['position'], 'element', leaves, path_prefix, with_personal, with_unknown=true) }}
{% endmacro %}

{#
  As parse_array_leaves, for elements that hold an array of their own kind under the name of the array itself: opened level by level, to any depth
  up to max_modifier_depth. array: name of the member and of the column of from_relation that holds the first level; path_prefix: of that array.
  Returns: as parse_leaves without personal leaves, and after the keys
    parent_path   string: nested_path of the element that this one is in; null on the first level
    nested_path   string: the positions on the way to the element, such as '2.1'
    depth         bigint, from 1
    position      bigint, from 1
    document_path string: path of the element in the document, with a dot after it
#}
{% macro parse_nested_leaves(from_relation, keys, array, leaves, path_prefix) %}
{{ return(adapter.dispatch('parse_nested_leaves', 'coco_warehouse')(from_relation, keys, array, leaves, path_prefix)) }}
{% endmacro %}

{% macro postgres__parse_nested_leaves(from_relation, keys, array, leaves, path_prefix) %}
{%- set parents -%}
select {{ keys | join(', ') }}, nested_path, depth, document_path, {{ json_member('nested.element', array) }} as inner_array from nested where nested.depth < {{ max_modifier_depth() }}
{%- endset -%}
with recursive nested as (
    select
        {{ keys | join(', ') }},
        cast(null as text) as parent_path,
        cast(position as text) as nested_path,
        cast(1 as bigint) as depth,
        position,
        {{ path_prefix }} || '{{ array }}[' || (position - 1) || '].' as document_path,
        element
    from ({{ open_array(from_relation, keys, array) }}) as first_level

    union all

    select
        {{ keys | join(', ') }},
        nested_path as parent_path,
        nested_path || '.' || position as nested_path,
        depth + 1 as depth,
        position,
        document_path || '{{ array }}[' || (position - 1) || '].' as document_path,
        element
    from ({{ open_array('parents', keys + ['nested_path', 'depth', 'document_path'], 'inner_array', from_query=parents) }}) as next_level
)
{{ parse_leaves('nested', keys + ['parent_path', 'nested_path', 'depth', 'position', 'document_path'], 'element', leaves, 'document_path', with_unknown=true) }}
{% endmacro %}

{# The name of an unknown member as it is shown: no other than an identifier, since a member can be named by a person. name: string SQL. Returns string SQL. #}
{% macro unknown_member_name(name) -%}
    (case when {{ matches(name, '^[A-Za-z_][A-Za-z0-9_-]{0,60}$') }} then {{ name }} else '(a name that is no identifier)' end)
{%- endmacro %}

{#
  parse_leaves on PostgreSQL. Values are worked out for all rows, kinds and findings only for rows that have some, which are few: a kind takes as
  long as a value.

  Steps, a subquery each: tokens; values; findings. Without `offset 0` PostgreSQL would make one of them, and take a token out wherever it is named.
#}
{% macro postgres__parse_leaves(from_relation, keys, document, leaves, path_prefix, with_personal, with_unknown) %}
{%- set scalars = leaves | rejectattr(1, 'equalto', 'object') | list -%}
{%- set objects = leaves | selectattr(1, 'equalto', 'object') | list -%}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- for leaf in leaves if with_personal or 'personal' not in leaf %}
    {{ 'has_' if leaf[1] == 'object' }}{{ leaf_column(leaf[0]) }},
    {%- endfor %}
    {%- if with_unknown %}
    unknown_members,
    {%- endif %}
    {%- for severity in ('rejecting', 'other') %}
    case when not is_as_declared then {{ postgres_findings_text(leaves, path_prefix, severity) }} end as {{ severity }}_findings{{ ',' if not loop.last }}
    {%- endfor %}
from (
    select
        *,
        {{ is_as_declared(leaves) }} as is_as_declared
    from (
        select
            *,
            coalesce(document_kind = 'object', false) as has_document,
            {%- for leaf in objects %}
            coalesce(left({{ leaf_column(leaf[0]) }}_token, 1) = '{', false) as has_{{ leaf_column(leaf[0]) }},
            {%- endfor %}
            {%- if with_unknown %}
            {{ postgres_unknown_members(leaves, path_prefix) }} as unknown_members,
            {%- endif %}
            {%- for leaf in scalars %}
            {{ postgres_leaf_value(leaf) }} as {{ leaf_column(leaf[0]) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            {{ postgres_leaf_tokens(from_relation, keys, document, leaves, with_unknown) }}
            offset 0
        ) as tokens
        offset 0
    ) as leaf_values
    offset 0
) as judged
{% endmacro %}

{#
  The messages of one severity, one a line, for a row that postgres__parse_leaves has. Arguments as all_findings.
  Returns: string SQL; null when there are none.
#}
{% macro postgres_findings_text(leaves, path_prefix, severity) %}
    (
        select {{ joined_lines(all_findings(leaves, path_prefix, severity)) }}
        from (
            select
                {%- for leaf in leaves %}
                {{ token_kind(leaf_column(leaf[0]) ~ '_token') }} as {{ leaf_column(leaf[0]) }}_kind{{ ',' if not loop.last }}
                {%- endfor %}
            offset 0
        ) as kinds
    )
{%- endmacro %}

{#
  The document and its leaves as tokens: columns document_token and <column>_token, and document_kind string: 'object', 'array', 'string',
  'number', 'boolean' or 'null'; null where there is no document. Of an object, which is longer than all its leaves, there is only '{}' where unknown
  members are not looked for. Arguments as parse_leaves. Returns: a select statement.
#}
{% macro postgres_leaf_tokens(from_relation, keys, document, leaves, with_unknown) %}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        {%- for leaf in leaves %}
        {%- set steps = leaf[0].split('.') %}
        {%- set token = postgres_object_name(steps[:-1]) ~ '."' ~ steps[-1] ~ '"' %}
        {%- if leaf[1] == 'object' and not with_unknown %}
        case json_typeof({{ token }}) when 'object' then '{}' else cast({{ token }} as text) end as {{ leaf_column(leaf[0]) }}_token,
        {%- else %}
        cast({{ token }} as text) as {{ leaf_column(leaf[0]) }}_token,
        {%- endif %}
        {%- endfor %}
        cast(document_json as text) as document_token,
        json_typeof(document_json) as document_kind
    from (
        -- read from the table and checked once: without `offset 0` that is done wherever it is named
        select
            {%- for key in keys %}
            {{ key }},
            {%- endfor %}
            cast({{ document }} as json) as document_json
        from {{ from_relation }}
        offset 0
    ) as documents
    {{ postgres_record(leaves, [], 'document_json') }}
    {%- for leaf in leaves if leaf[1] == 'object' %}
    {%- set steps = leaf[0].split('.') %}
    {{ postgres_record(leaves, steps, postgres_object_name(steps[:-1]) ~ '."' ~ steps[-1] ~ '"') }}
    {%- endfor %}
{% endmacro %}

{#
  The members that are not declared, a line each: path, and the kind that stands there. For rows with the columns of postgres_leaf_tokens.
  Names are read only in an object whose text the declared members do not make up. leaves: declaration; path_prefix: string SQL.
  Returns: string SQL; null when there are none.
#}
{% macro postgres_unknown_members(leaves, path_prefix) %}
    {%- set lines = [] -%}
    {%- for object in [''] + leaves | selectattr(1, 'equalto', 'object') | map(attribute=0) | list -%}
        {%- set steps = object.split('.') if object else [] -%}
        {%- set token = (leaf_column(object) if object else 'document') ~ '_token' -%}
        {%- set names = [] -%}
        {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}{%- do names.append("'" ~ leaf[0].split('.')[-1] ~ "'") -%}{%- endfor -%}
        {%- set line -%}
            case
                when octet_length({{ token }}) <> {{ postgres_known_length(leaves, steps, token) }}
                    then (
                        select string_agg({{ path_prefix }} || '{{ object ~ '.' if object }}' || {{ unknown_member_name('name') }} || ': ' || {{ kind_in_words('json_typeof(member_value)') }}, chr(10) order by place)
                        -- path_prefix may ask for the position of the element: no column is called so here
                        from json_each(case when json_typeof(cast({{ token }} as json)) = 'object' then cast({{ token }} as json) end) with ordinality as member (name, member_value, place)
                        where name not in ({{ names | join(', ') }})
                    )
            end
        {%- endset -%}
        {%- do lines.append(line) -%}
    {%- endfor -%}
    {{ return(joined_lines(lines)) }}
{% endmacro %}

{#
  How many bytes of an object's text its declared members make up, with their commas and the braces: all of it where nothing is unknown, repeated
  or set apart by blanks, and else less. A text takes no fewer bytes in a document than in its token.

  A member that is there and null has no token. It is looked for in the text, save where the object holds others, in which the same may be written:
  such an object is then short of some bytes. In what is not declared it may be written, too, but takes only a part of its bytes.

  For rows with the columns of postgres_leaf_tokens. leaves: declaration; steps: path of the object; token: name of its column.
  Returns: integer SQL, never null.
#}
{% macro postgres_known_length(leaves, steps, token) %}
    {%- set members = [] -%}
    {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}{%- do members.append(leaf) -%}{%- endfor -%}
    {%- set holds_others = (members | selectattr(1, 'in', ('object', 'array')) | list | length) > 0 -%}
    {%- set lengths = ['1'] -%}
    {%- for leaf in members -%}
        {%- set name = leaf[0].split('.')[-1] -%}
        {%- set member = leaf_column(leaf[0]) ~ '_token' -%}
        {%- set if_null = '0' if holds_others else 'case when strpos(' ~ token ~ ", '\"" ~ name ~ "\":null') > 0 then " ~ (name | length + 8) ~ ' else 0 end' -%}
        {%- do lengths.append('coalesce(' ~ (name | length + 4) ~ ' + octet_length(' ~ member ~ '), ' ~ if_null ~ ')') -%}
    {%- endfor -%}
    {{ return(lengths | join(' + ')) }}
{% endmacro %}

{# The alias under which an object's members stand. steps: list of names, [] for the document. Returns: string. #}
{% macro postgres_object_name(steps) %}{{ return('object_' ~ (leaf_column(steps | join('.')) if steps else 'document')) }}{% endmacro %}

{# The join that opens one object. leaves: declaration; steps: its path; value: json SQL. Returns: SQL. #}
{% macro postgres_record(leaves, steps, value) %}
    {%- set members = [] -%}
    {%- for leaf in leaves if leaf[0].split('.')[:-1] == steps -%}
        {%- do members.append('"' ~ leaf[0].split('.')[-1] ~ '" json') -%}
    {%- endfor -%}
    left join lateral json_to_record(case when json_typeof({{ value }}) = 'object' then {{ value }} end)
        as {{ postgres_object_name(steps) }} ({{ members | join(', ') }}) on true
{%- endmacro %}

{#
  The value of a leaf, or null where it is not of its type; a required text that is blank is none.
  leaf: a declaration of any type but 'object', whose <column>_token is there. Returns: SQL of the type in parse_leaves.
#}
{% macro postgres_leaf_value(leaf) %}
    {%- set type = leaf[1] -%}
    {%- set token = leaf_column(leaf[0]) ~ '_token' -%}
    {%- set text = token_text(token) -%}
    {%- if type == 'text' and leaf[2] == 'required' -%}
        case when ltrim({{ text }}, ' ') <> '' then {{ text }} end
    {%- elif type == 'text' -%}
        {{ text }}
    {%- elif type == 'cents' -%}
        {#- nearly every amount is a plain whole number, which needs neither the judgement of the others nor their numeric; a pattern takes fourteen times as long, and ltrim six times -#}
        case
            when octet_length({{ token }}) < 13 and pg_input_is_valid({{ token }}, 'bigint') then cast({{ token }} as bigint)
            when {{ is_cents_token(token) }} then {{ number_token_as(token, 'bigint') }}
        end
    {%- elif type == 'number' -%}
        {#- a case forgets the places of its numbers, and an incremental run would then find another type than the table's -#}
        cast(case when {{ is_number_token(token) }} then {{ number_token_as(token, 'decimal(28, 9)') }} end as decimal(28, 9))
    {%- elif type == 'boolean' -%}
        case {{ token }} when 'true' then true when 'false' then false end
    {%- elif type == 'time' -%}
        {#- what is_zoned_timestamp_text takes text_to_timestamp would take, after more looks -#}
        case
            when {{ is_zoned_timestamp_text(text) }}
                then case when pg_input_is_valid({{ text }}, 'timestamptz') then cast({{ text }} as timestamptz) at time zone 'UTC' end
        end
    {%- elif type == 'array' -%}
        case when left({{ token }}, 1) = '[' then {{ token }} end
    {%- endif -%}
{% endmacro %}

{# What a leaf holds is of its type. leaf: a declaration. Returns: boolean SQL, never null. #}
{% macro is_read(leaf) %}{{ return('has_' ~ leaf_column(leaf[0]) if leaf[1] == 'object' else leaf_column(leaf[0]) ~ ' is not null') }}{% endmacro %}

{# Where a leaf stands there is an object. leaf: a declaration. Returns: name of a boolean column, never null. #}
{% macro has_parent(leaf) %}{{ return('has_' ~ leaf_column(leaf[0].rpartition('.')[0] or 'document')) }}{% endmacro %}

{#
  Whether every leaf is as declared, so that there are no findings. For rows with has_document, <column>_token of each leaf, <column> of each
  scalar and has_<column> of each object. leaves: declaration. Returns: boolean SQL, never null.
#}
{% macro is_as_declared(leaves) %}
    {%- set conditions = ['has_document'] -%}
    {%- for leaf in leaves -%}
        {%- set need_not = leaf_column(leaf[0]) ~ '_token is null' if leaf[2] == 'optional' else 'not ' ~ has_parent(leaf) -%}
        {%- do conditions.append('(' ~ is_read(leaf) ~ (' or ' ~ need_not if need_not != 'not has_document') ~ ')') -%}
    {%- endfor -%}
    {{ return(conditions | join(' and ')) }}
{% endmacro %}

{#
  What can be wrong with a document and its leaves, of one severity. Arguments as leaf_findings. Returns: list of string SQL, each null where
  nothing is wrong.
#}
{% macro all_findings(leaves, path_prefix, severity) %}
    {%- set findings = [] -%}
    {%- if (severity == 'rejecting') == holds_money_or_required(leaves) -%}
        {%- do findings.append(document_finding(path_prefix)) -%}
    {%- endif -%}
    {%- for leaf in leaves -%}
        {%- do findings.extend(leaf_findings(leaf, leaves, path_prefix, severity)) -%}
    {%- endfor -%}
    {{ return(findings) }}
{% endmacro %}

{#
  What is wrong with a document as a whole, or null. path_prefix: string SQL, such as 'details.items[0].'; '' for the document itself.
  Returns: string SQL.
#}
{% macro document_finding(path_prefix) %}
    {%- set message = "coalesce(nullif(trim(trailing '.' from " ~ path_prefix ~ "), ''), 'document') || ': expected an object, found '" -%}
        case
            when document_kind is null then {{ message }} || 'no readable JSON'
            when document_kind <> 'object' then {{ message }} || {{ kind_in_words('document_kind') }}
        end
{%- endmacro %}

{# Whether a declaration has a leaf that is required or money. leaves: declaration. Returns: boolean. #}
{% macro holds_money_or_required(leaves) %}
    {{ return((leaves | selectattr(1, 'equalto', 'cents') | list or leaves | selectattr(2, 'equalto', 'required') | list) | length > 0) }}
{% endmacro %}

{# A leaf's type in words for people. type: string. Returns: string. #}
{% macro expected_in_words(type) %}
    {{ return({'text': 'text', 'cents': 'whole cents', 'number': 'a number', 'boolean': 'true or false', 'time': 'a time such as 2026-09-01T18:20:46.900Z', 'object': 'an object', 'array': 'an array'}[type]) }}
{% endmacro %}

{#
  Whether a leaf is money, or holds some: an object with a money leaf below it, an array marked 'money'.
  leaf: a declaration; leaves: the declaration it is of. Returns: boolean.
#}
{% macro is_money_leaf(leaf, leaves) %}
    {%- set found = namespace(money=leaf[1] == 'cents' or 'money' in leaf) -%}
    {%- for other in leaves if leaf[1] == 'object' and other[1] == 'cents' and other[0].startswith(leaf[0] ~ '.') -%}
        {%- set found.money = true -%}
    {%- endfor -%}
    {{ return(found.money) }}
{% endmacro %}

{#
  What can be wrong with a leaf, of one severity: '<path>: expected <type>, found <kind>', or null. The kind is told in words, never the value.
  What is missing rejects where it is required; what is of another kind rejects where it is required or money.
  leaf: a declaration; leaves: the declaration it is of; path_prefix: string SQL; severity: 'rejecting' or 'other'.
  Returns: list of string SQL, empty where nothing of that severity can be wrong.
#}
{% macro leaf_findings(leaf, leaves, path_prefix, severity) %}
    {%- set column = leaf_column(leaf[0]) -%}
    {%- set kind = column ~ '_kind' -%}
    {%- set parent = leaf[0].rpartition('.')[0] -%}
    {%- set asked = "document_kind = 'object'" if not parent else leaf_column(parent) ~ "_kind = 'object'" -%}
    {%- set expected_kind = {'text': 'string', 'cents': 'number', 'number': 'number', 'boolean': 'boolean', 'time': 'string', 'object': 'object', 'array': 'array'}[leaf[1]] -%}
    {%- set message = (path_prefix ~ " || '" if path_prefix != "''" else "'") ~ leaf[0] ~ ': expected ' ~ expected_in_words(leaf[1]) ~ ', found ' -%}
    {%- set branches = [] -%}
    {%- if leaf[2] != 'optional' and (severity == 'rejecting') == (leaf[2] == 'required') -%}
        {%- do branches.append('when ' ~ kind ~ ' is null and ' ~ asked ~ ' then ' ~ message ~ "nothing'") -%}
    {%- endif -%}
    {%- if (severity == 'rejecting') == (leaf[2] == 'required' or is_money_leaf(leaf, leaves)) -%}
        {%- do branches.append('when ' ~ kind ~ " <> '" ~ expected_kind ~ "' then " ~ message ~ "' || " ~ kind_in_words(kind)) -%}
        {%- set unread = 'when ' ~ kind ~ ' is not null and ' ~ column ~ ' is null then ' ~ message -%}
        {%- if leaf[1] == 'text' and leaf[2] == 'required' -%}
            {%- do branches.append(unread ~ "blank text'") -%}
        {%- elif leaf[1] == 'cents' -%}
            {%- do branches.append(unread ~ "' || case when " ~ is_large_number_token(column ~ '_token') ~ " then 'a number too large' else 'a fraction' end") -%}
        {%- elif leaf[1] == 'number' -%}
            {%- do branches.append(unread ~ "a number too large'") -%}
        {%- elif leaf[1] == 'time' -%}
            {%- do branches.append(unread ~ "other text'") -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(['\n        case ' ~ branches | join(' ') ~ ' end'] if branches else []) }}
{% endmacro %}
