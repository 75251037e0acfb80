with

resolutions as (
    select * from {{ ref('int_exception_resolutions') }}
),

resolution_codes as (
    select * from {{ ref('resolution_codes') }}
),

final as (
    select
        resolutions.resolution_id,
        resolutions.exception_id,
        resolutions.store_id,
        resolutions.merchant_id,

        resolutions.resolution_number,
        resolutions.platform,
        resolutions.legal_entity,
        resolutions.currency_code,
        resolutions.break_class,
        resolutions.resolution_code,
        resolution_codes.resolution_code_name,
        resolutions.outcome,
        resolutions.reason,
        resolutions.resolved_by,
        resolutions.owner,
        resolutions.evidence_reference,
        resolutions.source_file_name,
        resolutions.source_file_hash,
        resolutions.source_row_number,

        resolutions.amount_cents,
        resolutions.resolved_cents,
        resolutions.written_off_cents,

        resolutions.period_month_date,
        resolutions.resolution_date,
        resolutions.loaded_at
    from resolutions
    left join resolution_codes on resolutions.resolution_code = resolution_codes.resolution_code
)

select * from final
