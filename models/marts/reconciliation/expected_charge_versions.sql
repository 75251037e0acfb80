with

versions as (
    select * from {{ ref('int_restated_versions') }}
),

expected_charges as (
    select * from {{ ref('expected_charges') }}
),

earlier_charges as (
    select * from {{ ref('int_earlier_expected_charges') }}
),

charges as (
    select
        document_id,
        charge_type,
        store_id,
        merchant_id,
        platform,
        currency_code,
        expectation_basis,
        expected_cents
    from expected_charges
    union all
    select
        document_id,
        charge_type,
        store_id,
        merchant_id,
        platform,
        currency_code,
        expectation_basis,
        expected_cents
    from earlier_charges
),

versioned as (
    select
        versions.order_id,
        versions.version_number,
        versions.document_id,
        charges.charge_type,
        charges.store_id,
        charges.merchant_id,
        charges.platform,
        charges.currency_code,
        charges.expectation_basis,
        charges.expected_cents
    from versions
    inner join charges on versions.document_id = charges.document_id
),

-- a charge that the next version no longer has falls away with it: a row of its own
fallen_away as (
    select
        earlier.order_id,
        next_version.version_number,
        next_version.document_id,
        earlier.charge_type,
        earlier.store_id,
        earlier.merchant_id,
        earlier.platform,
        earlier.currency_code,
        cast(null as {{ dbt.type_string() }}) as expectation_basis,
        cast(0 as bigint) as expected_cents
    from versioned as earlier
    inner join versions as next_version
        on earlier.order_id = next_version.order_id
        and earlier.version_number + 1 = next_version.version_number
    left join versioned as later
        on next_version.document_id = later.document_id
        and earlier.charge_type = later.charge_type
    where later.document_id is null
),

told as (
    select * from versioned
    union all
    select * from fallen_away
),

final as (
    select
        told.order_id,
        told.charge_type,
        told.version_number,
        told.document_id,
        told.store_id,
        told.merchant_id,

        told.platform,
        told.currency_code,
        told.expectation_basis,

        told.expected_cents,
        case
            when told.version_number = 1 then null
            when before.document_id is null then told.expected_cents
            else told.expected_cents - before.expected_cents
        end as change_cents,

        versions.is_standing,

        versions.known_from_at,
        versions.known_to_at
    from told
    inner join versions on told.document_id = versions.document_id
    left join told as before
        on told.order_id = before.order_id
        and told.charge_type = before.charge_type
        and told.version_number = before.version_number + 1
)

select * from final
