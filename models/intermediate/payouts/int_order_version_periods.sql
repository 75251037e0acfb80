-- the versions of each order that have stood, each from its receipt until the next that is later by the rule of standing; one that
-- came too late never stood
with

versions as (
    select * from {{ ref('int_order_versions') }}
    where version_state <> 'rejected'
),

documents as (
    select
        document_id,
        status,
        cancellation_by
    from {{ ref('int_order_documents') }}
),

ranked as (
    select
        versions.*,
        row_number() over (
            partition by order_id
            order by
                case when version_state = 'standing' then 1 else 0 end,
                updated_at nulls first,
                received_at nulls first,
                case when received_at is null then loaded_at end nulls first,
                source_row_number nulls first,
                {{ binary_order('document_id') }}
        ) as lateness
    from versions
),

reached as (
    select
        ranked.*,
        coalesce(received_at, loaded_at) as known_from_at,
        max(lateness) over (
            partition by order_id
            order by coalesce(received_at, loaded_at), lateness
            rows unbounded preceding
        ) as latest_yet
    from ranked
),

stood as (
    select
        document_id,
        order_id,
        platform,
        partner_store_code,
        version_state = 'standing' as is_standing,
        row_number() over (partition by order_id order by lateness) as version_number,
        placed_at,
        received_at,
        known_from_at,
        lead(known_from_at) over (partition by order_id order by lateness) as known_to_at
    from reached
    where lateness = latest_yet
),

final as (
    select
        stood.document_id,
        stood.order_id,

        stood.platform,
        stood.partner_store_code,
        stood.version_number,
        documents.status as order_status,
        documents.cancellation_by as cancelled_by,

        stood.is_standing,
        documents.status in ('new', 'future') as is_too_early,

        stood.placed_at,
        stood.received_at,
        stood.known_from_at,
        stood.known_to_at
    from stood
    inner join documents on stood.document_id = documents.document_id
)

select * from final
