{#
  Who may do what on PostgreSQL: six group roles, made or mended by `dbt run-operation create_roles`. docs/operations.md
  says how logins get them. Running it again changes nothing that is right.
#}

{#
  The roles, by what each may do to the schemas of the project. A close holds the laws first, and they read all that they judge: so
  coco_closer reads everything, personal data too.
  Returns: dict of role -> dict of 'reads', 'adds' and 'owns', each a list of schema names.
#}
{% macro role_rights() %}
    {%- set sources = namespace(all=[], of_people=[], closes=[]) -%}
    {%- for source in graph.sources.values() -%}
        {%- do sources.all.append(source.schema) -%}
        {%- if source.source_name == 'coco_close' -%}
            {%- do sources.closes.append(source.schema) -%}
        {%- endif -%}
        {%- if source.source_name == 'finance' -%}
            {%- do sources.of_people.append(source.schema) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set built = namespace(schemas=[]) -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed', 'snapshot') -%}
        {%- do built.schemas.append(node.schema) -%}
    {%- endfor -%}
    {%- set layer = target.schema ~ '_' -%}
    {{ return({
        'coco_loader': {'reads': [], 'adds': [], 'owns': sources.all | unique | sort | list},
        'coco_transformer': {'reads': sources.all | unique | sort | list, 'adds': [], 'owns': built.schemas | unique | sort | list},
        'coco_analyst': {'reads': [layer ~ 'marts', layer ~ 'reference', layer ~ 'intermediate'], 'adds': [], 'owns': []},
        'coco_finance': {
            'reads': [layer ~ 'marts', layer ~ 'reference'],
            'adds': sources.of_people | unique | sort | list + [var('coco_load_schema')],
            'owns': [],
        },
        'coco_closer': {
            'reads': (sources.all + built.schemas) | unique | sort | reject('in', sources.closes) | list,
            'adds': sources.closes | unique | list,
            'owns': [],
        },
        'coco_bi': {'reads': [layer ~ 'marts'], 'adds': [], 'owns': []},
    }) }}
{% endmacro %}

{#
  Make the roles, the schemas that they own, and the rights, in one transaction. PostgreSQL only.
  Tables that are made later are readable from the moment they are there: dbt replaces tables, and each new one has the
  rights that its owner's default privileges give.
#}
{% macro create_roles() %}
    {%- if target.type != 'postgres' -%}
        {{ exceptions.raise_compiler_error("Roles are PostgreSQL's: the target '" ~ target.name ~ "' is " ~ target.type ~ ". Name the PostgreSQL target: dbt run-operation create_roles --target prod") }}
    {%- endif -%}
    {%- set rights = role_rights() -%}
    {%- set owners = {} -%}
    {%- for role, may in rights.items() -%}
        {%- for schema in may.owns -%}
            {%- do owners.update({schema: role}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set statements = [] -%}
    {%- for role in rights -%}
        {%- do statements.append("do $$ begin if not exists (select from pg_roles where rolname = '" ~ role ~ "') then create role " ~ role ~ " nologin; end if; end $$") -%}
    {%- endfor -%}
    {%- set database = adapter.quote(target.database) -%}
    {%- do statements.append('revoke all on database ' ~ database ~ ' from public') -%}
    {%- do statements.append('grant connect on database ' ~ database ~ ' to ' ~ rights.keys() | join(', ')) -%}
    {%- do statements.append('grant temporary on database ' ~ database ~ ' to coco_loader, coco_transformer, coco_finance, coco_closer') -%}
    {%- for schema, owner in owners.items() -%}
        {%- do statements.append('create schema if not exists ' ~ adapter.quote(schema)) -%}
        {%- do statements.append('alter schema ' ~ adapter.quote(schema) ~ ' owner to ' ~ owner) -%}
        {%- do statements.append(give_relations_to(schema, owner)) -%}
        {%- do statements.append('revoke all on schema ' ~ adapter.quote(schema) ~ ' from public') -%}
    {%- endfor -%}
    {%- for role, may in rights.items() -%}
        {%- for schema in may.reads + may.adds -%}
            {%- set privilege = 'select, insert' if schema in may.adds else 'select' -%}
            {%- do statements.append('grant usage on schema ' ~ adapter.quote(schema) ~ ' to ' ~ role) -%}
            {%- do statements.append('grant ' ~ privilege ~ ' on all tables in schema ' ~ adapter.quote(schema) ~ ' to ' ~ role) -%}
            {%- do statements.append(
                'alter default privileges for role ' ~ owners[schema] ~ ' in schema ' ~ adapter.quote(schema)
                ~ ' grant ' ~ privilege ~ ' on tables to ' ~ role
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- call statement('create_roles') -%}
        begin;
        {{ statements | join(';\n') }};
        commit;
    {%- endcall -%}
    {%- do log('Roles: ' ~ rights.keys() | join(', ') ~ '. A login gets one by: grant coco_bi to the_login', info=true) -%}
{% endmacro %}

{#
  SQL that makes a role the owner of every table and view of a schema: what somebody else made before the roles were.
  schema, owner: string.
#}
{% macro give_relations_to(schema, owner) %}
    {{ return(
        "do $$ declare relation record; begin for relation in select c.oid::regclass as name, c.relkind from pg_class as c"
        ~ " inner join pg_namespace as n on c.relnamespace = n.oid where n.nspname = '" ~ schema ~ "' and c.relkind in ('r', 'p', 'v', 'm')"
        ~ " loop execute format('alter %s %s owner to " ~ owner ~ "', case relation.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end, relation.name);"
        ~ " end loop; end $$"
    ) }}
{% endmacro %}
