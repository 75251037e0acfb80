-- within how many days each class of variance must be disputed, as it is known on the day that the warehouse is looked at from
with

dispute_windows as (
    select * from {{ ref('dispute_windows') }}
),

final as (
    {{ known_terms(
        'dispute_windows',
        keys=['platform', 'break_class'],
        columns=['dispute_window_id', 'platform', 'break_class', 'window_days', 'counted_from'],
    ) }}
)

select * from final
