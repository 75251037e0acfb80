{#
  Tells the engine's planner what a table holds, as soon as it stands. A post-hook of every model: without it PostgreSQL plans the next models
  on guesses until its own rounds come by, and joins some tables row by row. Returns: a statement, or nothing where the engine needs none.
#}
{% macro analyzed() %}{{ return(adapter.dispatch('analyzed', 'coco_warehouse')()) }}{% endmacro %}

{% macro default__analyzed() %}{% endmacro %}

{% macro postgres__analyzed() %}{% if model.config.materialized != 'view' %}analyze {{ this }}{% endif %}{% endmacro %}
