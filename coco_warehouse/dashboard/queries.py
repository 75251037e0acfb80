"""Every query of the dashboard, by name: SQL that each engine reads alike, over the marts alone.

`{marts}` stands for the schema, `$name` for a parameter. A filter that is null lets everything through. Currencies are
never added: what sums cents takes one currency, or groups by it. Lines without a pay period, which are of no time that
could be chosen, count whatever time is chosen.
"""

from coco_warehouse.order_numbers import is_number

# --- what a page is of ---------------------------------------------------------------------------------------------

CURRENCIES = """
    select currency_code, cast(sum(order_count) as bigint) as order_count
    from {marts}.merchant_reconciliation
    where currency_code is not null and ($merchant is null or merchant_id = $merchant)
    group by currency_code
    order by order_count desc, currency_code
"""

PLATFORMS = """
    select reconciled.platform, platforms.platform_name, cast(sum(reconciled.order_count) as bigint) as order_count
    from {marts}.merchant_reconciliation as reconciled
    left join {marts}.platforms as platforms on reconciled.platform = platforms.platform
    where reconciled.currency_code = $currency and ($merchant is null or reconciled.merchant_id = $merchant)
    group by reconciled.platform, platforms.platform_name
    order by order_count desc, reconciled.platform
"""

AS_OF = "select as_of_at from {marts}.warehouse_state"

# --- the totals of the reconciliation ------------------------------------------------------------------------------

TOTALS = """
    select
        cast(coalesce(sum(order_count), 0) as bigint) as order_count,
        cast(coalesce(sum(matched_order_count), 0) as bigint) as matched_order_count,
        cast(sum(sales_cents) as bigint) as sales_cents,
        cast(sum(expected_cents) as bigint) as expected_cents,
        cast(sum(not_yet_stated_cents) as bigint) as not_yet_stated_cents,
        cast(sum(variance_cents) as bigint) as variance_cents,
        cast(sum(stated_cents) as bigint) as stated_cents,
        cast(sum(settled_cents) as bigint) as settled_cents
    from {marts}.merchant_reconciliation
    where currency_code = $currency
        and ($platform is null or platform = $platform)
        and ($merchant is null or merchant_id = $merchant)
        and ($since is null or pay_period_end_date is null or pay_period_end_date >= $since)
"""

DEPOSITED = """
    select cast(sum(deposited_cents) as bigint) as deposited_cents
    from {marts}.merchant_reconciliation
    where currency_code = $currency
        and ($platform is null or platform = $platform)
        and ($merchant is null or merchant_id = $merchant)
        and ($since is null or pay_period_end_date is null or pay_period_end_date >= $since)
"""

# Platforms begin their pay periods on different days, so periods are set side by side by the week they begin in.
TREND = """
    select
        cast(date_trunc('week', pay_period_start_date) as date) as week_start_date,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(expected_cents) as bigint) as expected_cents,
        cast(sum(not_yet_stated_cents) as bigint) as not_yet_stated_cents,
        cast(sum(stated_cents) as bigint) as stated_cents,
        cast(sum(settled_cents) as bigint) as settled_cents,
        cast(sum(variance_cents) as bigint) as variance_cents
    from {marts}.merchant_reconciliation
    where currency_code = $currency
        and pay_period_start_date is not null
        and ($platform is null or platform = $platform)
        and ($merchant is null or merchant_id = $merchant)
        and ($since is null or pay_period_end_date is null or pay_period_end_date >= $since)
    group by cast(date_trunc('week', pay_period_start_date) as date)
    order by week_start_date
"""

# Sizes without their signs: a deduction that is recomputed is verified as much as a sale.
VERIFIED_SHARE = """
    select
        cast(coalesce(sum(charged_cents), 0) as bigint) as charged_cents,
        cast(coalesce(sum(contract_cents), 0) as bigint) as contract_cents,
        cast(coalesce(sum(document_cents), 0) as bigint) as document_cents,
        cast(coalesce(sum(explained_cents), 0) as bigint) as explained_cents,
        cast(coalesce(sum(unverified_cents), 0) as bigint) as unverified_cents,
        cast(coalesce(sum(unexplained_cents), 0) as bigint) as unexplained_cents
    from {marts}.verified_share
    where currency_code = $currency
        and ($platform is null or platform = $platform)
        and ($since is null or pay_period_end_date is null or pay_period_end_date >= $since)
"""

# Claims under the merchant and the pay period whose variance they explain: those of the order, of what statements name
# without an order, or of a line that names none. A sale that is stated at another store is claimed at both, and both
# sides are its order's.
PLACED_CLAIMS = """
    select
        claims.break_class, claims.claimed_cents, claims.currency_code, claims.platform,
        case
            when orders.order_id is not null then orders.merchant_id
            when named.reconciliation_id is not null then named.merchant_id
            else lines.merchant_id
        end as merchant_id,
        case
            when orders.order_id is not null then orders.pay_period_start_date
            when named.reconciliation_id is not null then named.pay_period_start_date
            else lines.pay_period_start_date
        end as pay_period_start_date
    from {marts}.reconciliation_claims as claims
    left join {marts}.order_reconciliation as orders
        on claims.order_id = orders.order_id and claims.currency_code = orders.currency_code
    left join {marts}.statement_lines as lines on claims.statement_line_id = lines.statement_line_id
    left join {marts}.order_reconciliation as named
        on orders.order_id is null
        and lines.statement_order_id = named.statement_order_id
        and claims.currency_code = named.currency_code
"""

CLAIMS_BY_CLASS = f"""
    with placed as ({PLACED_CLAIMS})
    select
        placed.break_class, guide.break_class_code, guide.break_class_name,
        count(*) as claim_count,
        cast(sum(placed.claimed_cents) as bigint) as claimed_cents,
        cast(sum(abs(placed.claimed_cents)) as bigint) as size_cents
    from placed
    left join {{marts}}.break_class_guide as guide on placed.break_class = guide.break_class
    where placed.currency_code = $currency
        and ($platform is null or placed.platform = $platform)
        and ($merchant is null or placed.merchant_id = $merchant)
    group by placed.break_class, guide.break_class_code, guide.break_class_name
    order by size_cents desc, placed.break_class
"""

# --- exceptions ----------------------------------------------------------------------------------------------------

OPEN_BY_CLASS = """
    select
        exceptions.break_class, guide.break_class_name, count(*) as exception_count,
        cast(sum(exceptions.open_cents) as bigint) as open_cents,
        cast(sum(abs(exceptions.open_cents)) as bigint) as size_cents
    from {marts}.reconciliation_exceptions as exceptions
    left join {marts}.break_class_guide as guide on exceptions.break_class = guide.break_class
    where exceptions.status not in ('resolved', 'written_off')
        and exceptions.currency_code = $currency
        and ($platform is null or exceptions.platform = $platform)
        and ($merchant is null or exceptions.merchant_id = $merchant)
    group by exceptions.break_class, guide.break_class_name
    order by size_cents desc, exceptions.break_class
"""

OPEN_BY_AGE = """
    select
        aging_bucket, min(age_days) as youngest_days, count(*) as exception_count,
        cast(sum(open_cents) as bigint) as open_cents,
        cast(sum(abs(open_cents)) as bigint) as size_cents
    from {marts}.reconciliation_exceptions
    where status not in ('resolved', 'written_off')
        and currency_code = $currency
        and ($platform is null or platform = $platform)
        and ($merchant is null or merchant_id = $merchant)
    group by aging_bucket
    order by youngest_days nulls last, aging_bucket
"""

EXCEPTIONS = """
    select
        exceptions.exception_id, exceptions.status, exceptions.break_class,
        coalesce(guide.break_class_name, exceptions.break_class) as break_class_name,
        exceptions.subject_type, exceptions.subject_id,
        case
            when exceptions.subject_type = 'order' then exceptions.subject_id
            when exceptions.order_id is not null then exceptions.order_id
        end as order_key,
        exceptions.payout_id, exceptions.merchant_id, merchants.merchant_name,
        exceptions.store_id, exceptions.platform, exceptions.currency_code,
        exceptions.exception_cents, exceptions.open_cents, exceptions.written_off_cents,
        exceptions.age_days, exceptions.aging_bucket, exceptions.due_date, exceptions.first_seen_date,
        exceptions.dispute_deadline_date, exceptions.owner, exceptions.next_step, exceptions.resolution_code,
        exceptions.resolution_reason, exceptions.is_recoverable
    from {marts}.reconciliation_exceptions as exceptions
    left join {marts}.break_class_guide as guide on exceptions.break_class = guide.break_class
    left join {marts}.merchants as merchants on exceptions.merchant_id = merchants.merchant_id
    where ($currency is null or exceptions.currency_code = $currency)
        and ($platform is null or exceptions.platform = $platform)
        and ($merchant is null or exceptions.merchant_id = $merchant)
        and ($break_class is null or exceptions.break_class = $break_class)
        and ($aging is null or exceptions.aging_bucket = $aging)
        and ($payout is null or exceptions.payout_id = $payout)
        and (
            $status is null or exceptions.status = $status
            or ($status = 'open' and exceptions.status not in ('resolved', 'written_off'))
        )
"""

EXCEPTION_TOTALS = """
    select count(*) as exception_count, cast(coalesce(sum(open_cents), 0) as bigint) as open_cents
    from {marts}.reconciliation_exceptions
    where currency_code = $currency
        and ($platform is null or platform = $platform)
        and ($merchant is null or merchant_id = $merchant)
        and ($break_class is null or break_class = $break_class)
        and ($aging is null or aging_bucket = $aging)
        and (
            $status is null or status = $status
            or ($status = 'open' and status not in ('resolved', 'written_off'))
        )
"""

EXCEPTION_STATUSES = """
    select status, count(*) as exception_count
    from {marts}.reconciliation_exceptions
    where currency_code = $currency
    group by status
    order by status
"""

# --- merchants and pay periods -------------------------------------------------------------------------------------

MERCHANT = "select * from {marts}.merchants where merchant_id = $merchant"

MERCHANTS = """
    select
        reconciled.merchant_id, merchants.merchant_name, reconciled.currency_code,
        cast(sum(reconciled.order_count) as bigint) as order_count,
        cast(sum(reconciled.matched_order_count) as bigint) as matched_order_count,
        cast(sum(reconciled.expected_cents) as bigint) as expected_cents,
        cast(sum(reconciled.not_yet_stated_cents) as bigint) as not_yet_stated_cents,
        cast(sum(reconciled.stated_cents) as bigint) as stated_cents,
        cast(sum(reconciled.settled_cents) as bigint) as settled_cents,
        cast(sum(reconciled.variance_cents) as bigint) as variance_cents
    from {marts}.merchant_reconciliation as reconciled
    left join {marts}.merchants as merchants on reconciled.merchant_id = merchants.merchant_id
    where reconciled.currency_code = $currency
        and ($platform is null or reconciled.platform = $platform)
        and ($since is null or reconciled.pay_period_end_date is null or reconciled.pay_period_end_date >= $since)
    group by reconciled.merchant_id, merchants.merchant_name, reconciled.currency_code
"""

PAY_PERIODS = """
    select
        reconciled.merchant_reconciliation_id, reconciled.merchant_id, merchants.merchant_name,
        reconciled.platform, platforms.platform_name, reconciled.currency_code,
        reconciled.pay_period_start_date, reconciled.pay_period_end_date,
        reconciled.order_count, reconciled.matched_order_count, reconciled.sales_cents, reconciled.expected_cents,
        reconciled.not_yet_stated_cents, reconciled.stated_cents, reconciled.settled_cents, reconciled.variance_cents
    from {marts}.merchant_reconciliation as reconciled
    left join {marts}.merchants as merchants on reconciled.merchant_id = merchants.merchant_id
    left join {marts}.platforms as platforms on reconciled.platform = platforms.platform
    where ($currency is null or reconciled.currency_code = $currency)
        and ($platform is null or reconciled.platform = $platform)
        and ($merchant is null or reconciled.merchant_id = $merchant)
        and ($pay_period is null or reconciled.merchant_reconciliation_id = $pay_period)
"""

PAY_PERIOD_DEPOSITED = """
    select deposited_cents from {marts}.merchant_reconciliation where merchant_reconciliation_id = $pay_period
"""

MERCHANT_STORES = """
    select
        stores.store_id, stores.store_name, stores.platform, platforms.platform_name, stores.currency_code,
        stores.time_zone, stores.merchant_match_method,
        coverage.day_count, coverage.missing_day_count, coverage.pending_day_count, coverage.last_covered_date
    from {marts}.stores as stores
    left join {marts}.platforms as platforms on stores.platform = platforms.platform
    left join (
        select
            store_id,
            count(*) as day_count,
            cast(sum(case when coverage_state = 'missing' then 1 else 0 end) as bigint) as missing_day_count,
            cast(sum(case when coverage_state = 'pending' then 1 else 0 end) as bigint) as pending_day_count,
            max(case when coverage_state = 'covered' then coverage_date end) as last_covered_date
        from {marts}.statement_coverage
        group by store_id
    ) as coverage on stores.store_id = coverage.store_id
    where stores.merchant_id = $merchant
"""

# What a pay period holds by class: claims on its orders, and on lines of its stores and days that name no order.
# What has no known store or day makes a row of its own, so nulls are alike here.
PAY_PERIOD_CLAIMS = f"""
    with placed as ({PLACED_CLAIMS})
    select
        placed.break_class, guide.break_class_name, count(*) as claim_count,
        cast(sum(placed.claimed_cents) as bigint) as claimed_cents,
        cast(sum(abs(placed.claimed_cents)) as bigint) as size_cents
    from placed
    inner join {{marts}}.merchant_reconciliation as periods
        on placed.platform = periods.platform
        and placed.currency_code = periods.currency_code
        and placed.merchant_id is not distinct from periods.merchant_id
        and placed.pay_period_start_date is not distinct from periods.pay_period_start_date
    left join {{marts}}.break_class_guide as guide on placed.break_class = guide.break_class
    where periods.merchant_reconciliation_id = $pay_period
    group by placed.break_class, guide.break_class_name
    order by size_cents desc, placed.break_class
"""

ORDERS = """
    select
        reconciled.reconciliation_id, reconciled.platform_order_id, reconciled.order_date, reconciled.order_status,
        reconciled.platform, platforms.platform_name, reconciled.merchant_id, merchants.merchant_name,
        reconciled.store_id, reconciled.currency_code, reconciled.settlement_state, reconciled.match_method,
        reconciled.expected_cents, reconciled.not_yet_stated_cents, reconciled.stated_cents, reconciled.settled_cents,
        reconciled.variance_cents, reconciled.due_date
    from {marts}.order_reconciliation as reconciled
    inner join {marts}.merchant_reconciliation as periods
        on reconciled.platform = periods.platform
        and reconciled.currency_code = periods.currency_code
        and reconciled.merchant_id is not distinct from periods.merchant_id
        and reconciled.pay_period_start_date is not distinct from periods.pay_period_start_date
    left join {marts}.platforms as platforms on reconciled.platform = platforms.platform
    left join {marts}.merchants as merchants on reconciled.merchant_id = merchants.merchant_id
    where ($pay_period is null or periods.merchant_reconciliation_id = $pay_period)
        and ($merchant is null or reconciled.merchant_id = $merchant)
        and ($platform is null or reconciled.platform = $platform)
        and ($currency is null or reconciled.currency_code = $currency)
"""

LINE_COLUMNS = """
        lines.statement_line_id, lines.line_type, lines.description, lines.platform, lines.currency_code,
        lines.order_id, lines.statement_order_id, lines.platform_order_id,
        case
            when lines.order_id is not null then lines.order_id
            when lines.statement_order_id is not null then 'statement:' || lines.statement_order_id
        end as order_key,
        lines.payout_id, lines.settlement_state, lines.stated_cents, lines.posting_date, lines.payout_date,
        lines.source_file_name, lines.source_row_number, lines.state_count, lines.store_id
"""

PAYOUT_LINES = f"""
    select {LINE_COLUMNS}
    from {{marts}}.statement_lines as lines
    where lines.payout_id = $payout
"""

LINES_WITHOUT_ORDER = f"""
    select {LINE_COLUMNS}
    from {{marts}}.statement_lines as lines
    inner join {{marts}}.merchant_reconciliation as periods
        on lines.platform = periods.platform
        and lines.currency_code = periods.currency_code
        and lines.merchant_id is not distinct from periods.merchant_id
        and lines.pay_period_start_date is not distinct from periods.pay_period_start_date
    where periods.merchant_reconciliation_id = $pay_period
        and lines.statement_order_id is null
        and lines.order_id is null
"""

# --- payouts -------------------------------------------------------------------------------------------------------

PAYOUTS = """
    select
        payouts.payout_id, coalesce(payouts.payout_reference, payouts.payout_id) as payout_reference,
        payouts.platform, platforms.platform_name,
        payouts.merchant_id, merchants.merchant_name, payouts.store_id, payouts.legal_entity, payouts.bank_account_id,
        payouts.currency_code, payouts.payout_state, payouts.is_derived, payouts.statement_line_count,
        payouts.stated_cents, payouts.carry_in_cents, payouts.due_cents, payouts.carry_out_cents,
        payouts.summary_cents, payouts.summary_difference_cents, payouts.deposited_cents, payouts.in_transit_cents,
        payouts.merchant_of_record, payouts.pay_period_start_date, payouts.pay_period_end_date,
        payouts.payout_date, payouts.due_date, payouts.overdue_after_date
    from {marts}.payouts as payouts
    left join {marts}.platforms as platforms on payouts.platform = platforms.platform
    left join {marts}.merchants as merchants on payouts.merchant_id = merchants.merchant_id
    where ($payout is null or payouts.payout_id = $payout)
        and ($merchant is null or payouts.merchant_id = $merchant)
        and ($platform is null or payouts.platform = $platform)
        and ($currency is null or payouts.currency_code = $currency)
        and ($state is null or payouts.payout_state = $state)
"""

PAYOUT_STATES = """
    select
        payout_state, count(*) as payout_count,
        cast(coalesce(sum(due_cents), 0) as bigint) as due_cents,
        cast(coalesce(sum(deposited_cents), 0) as bigint) as deposited_cents,
        cast(coalesce(sum(in_transit_cents), 0) as bigint) as in_transit_cents
    from {marts}.payouts
    where currency_code = $currency
    group by payout_state
    order by payout_state
"""

PAYOUT_DEPOSITS = """
    select
        matched.deposit_id, matched.match_method, matched.match_reason, matched.allocated_cents,
        deposits.posted_date, deposits.bank_account_id, deposits.description, deposits.payment_reference,
        deposits.deposited_cents, deposits.source_file_name, deposits.source_row_number, deposits.currency_code
    from {marts}.payout_deposits as matched
    left join {marts}.deposits as deposits on matched.deposit_id = deposits.deposit_id
    where matched.payout_id = $payout
    order by deposits.posted_date, matched.deposit_id
"""

# What the bank has taken back is nothing to do any more.
PAYOUT_BREAKS = """
    select
        breaks.break_class, guide.break_class_name, breaks.break_cents, breaks.caused_by, breaks.break_date,
        breaks.deposit_id, guide.next_step,
        sum(breaks.break_cents) over (partition by breaks.break_class, breaks.bank_account_id) = 0 as is_settled
    from {marts}.deposit_breaks as breaks
    left join {marts}.break_class_guide as guide on breaks.break_class = guide.break_class
    where breaks.payout_id = $payout
    order by breaks.break_date, breaks.break_class
"""

PAYOUT_LINE_TYPES = """
    select line_type, count(*) as line_count, cast(sum(stated_cents) as bigint) as stated_cents
    from {marts}.statement_lines
    where payout_id = $payout
    group by line_type
    order by line_type
"""

# --- one order -----------------------------------------------------------------------------------------------------

# An order may be asked for by any of the names that people meet it under.
FIND_ORDERS = f"""
    select reconciled.reconciliation_id, reconciled.platform, reconciled.platform_order_id, reconciled.order_date,
        merchants.merchant_name
    from {{marts}}.order_reconciliation as reconciled
    left join {{marts}}.merchants as merchants on reconciled.merchant_id = merchants.merchant_id
    where reconciled.reconciliation_id = $name or reconciled.order_id = $name or reconciled.platform_order_id = $name
        or reconciled.order_id in (
            select order_id from {{marts}}.orders where {is_number("readable_order_number", "$name")}
        )
    order by reconciled.reconciliation_id
    limit 100
"""

FIND_MERCHANTS = """
    select merchant_id, merchant_name
    from {marts}.merchants
    where merchant_id = $name or position(lower($name) in lower(merchant_name)) > 0
    order by merchant_name, merchant_id
    limit 100
"""

FIND_PAYOUTS = """
    select payout_id, platform, payout_date
    from {marts}.payouts
    where payout_id = $name or payout_reference = $name
    order by payout_id
    limit 100
"""

FIND_DELIVERIES = """
    select delivery_id, integration_source
    from {marts}.deliveries
    where delivery_id = $name or olo_order_id = $name or doordash_delivery_number = $name
    order by delivery_id
    limit 100
"""

ORDER = """
    select reconciled.*, merchants.merchant_name, stores.store_name, platforms.platform_name
    from {marts}.order_reconciliation as reconciled
    left join {marts}.merchants as merchants on reconciled.merchant_id = merchants.merchant_id
    left join {marts}.stores as stores on reconciled.store_id = stores.store_id
    left join {marts}.platforms as platforms on reconciled.platform = platforms.platform
    where reconciled.reconciliation_id = $reconciliation
"""

ORDER_DOCUMENT = """
    select
        document_id, readable_order_number, schema_version, version_count, rejected_version_count, updated_at,
        last_received_at, total_cents
    from {marts}.orders
    where order_id = $order
"""

ORDER_EXPECTED = """
    select charge_type, expectation_basis, expectation_rule, rate_bps, base_cents, fee_schedule_id, expected_cents
    from {marts}.expected_charges
    where order_id = $order
    order by charge_type
"""

ORDER_LINES = """
    select
        statement_line_id, line_type, description, source_file_name, source_row_number, state_count, settlement_state,
        payout_id, payout_date, posting_date, stated_cents, currency_code
    from {marts}.statement_lines
    where order_id = $order or (order_id is null and statement_order_id = $statement_order)
    order by posting_date, statement_line_id
"""

ORDER_STATED = """
    select charges.charge_type, cast(sum(charges.stated_cents) as bigint) as stated_cents
    from {marts}.stated_charges as charges
    inner join {marts}.statement_lines as lines on charges.statement_line_id = lines.statement_line_id
    where lines.order_id = $order or (lines.order_id is null and lines.statement_order_id = $statement_order)
    group by charges.charge_type
"""

ORDER_CLAIMS = """
    select
        claims.charge_type, guide.break_class_code, guide.break_class_name, claims.break_class, claims.caused_by,
        claims.claimed_cents, guide.holds_when, guide.next_step
    from {marts}.reconciliation_claims as claims
    left join {marts}.break_class_guide as guide on claims.break_class = guide.break_class
    left join {marts}.statement_lines as lines on claims.statement_line_id = lines.statement_line_id
    where claims.order_id = $order or (claims.order_id is null and lines.statement_order_id = $statement_order)
    order by guide.break_class_code, claims.break_class, claims.charge_type
"""

ORDER_DELIVERY = """
    select delivery_id from {marts}.order_delivery_links
    where order_id = $order and is_linked
    order by delivery_id
"""

ORDER_EXCEPTIONS = """
    select
        exceptions.exception_id, exceptions.break_class, guide.break_class_name, exceptions.status,
        exceptions.open_cents, exceptions.exception_cents, exceptions.due_date, exceptions.next_step
    from {marts}.reconciliation_exceptions as exceptions
    left join {marts}.break_class_guide as guide on exceptions.break_class = guide.break_class
    where exceptions.order_id = $order
        or (exceptions.subject_type = 'order' and exceptions.subject_id = $reconciliation)
    order by exceptions.exception_id
"""

# --- integrations --------------------------------------------------------------------------------------------------

INTEGRATIONS = """
    select
        merchant_id, merchant_name, integration_source, health_state, health_reason, is_active, is_silent, is_failing,
        order_count_7d, delivery_count_7d, order_count_30d, delivery_count_30d, fallback_rate_30d_bps,
        request_count_7d, failed_request_count_7d, error_rate_7d_bps, quiet_seconds, silence_limit_seconds,
        last_order_at, last_delivery_at,
        case health_state
            when 'silent' then 1
            when 'failing' then 2
            when 'misconfigured' then 3
            when 'active_while_merchant_deleted' then 4
            when 'active_while_merchant_test' then 5
            when 'orders_while_inactive' then 6
            when 'unproven' then 7
            when 'unused' then 8
            when 'healthy' then 9
            else 10
        end as urgency
    from {marts}.merchant_integrations
    where ($merchant is null or merchant_id = $merchant)
        and ($health is null or health_state = $health)
"""

INTEGRATION_STATES = """
    select health_state, count(*) as integration_count
    from {marts}.merchant_integrations
    group by health_state
    order by health_state
"""

ANOMALIES = """
    select
        anomalies.anomaly_id, anomalies.anomaly, anomalies.anomaly_reason, anomalies.entity_type, anomalies.entity_id,
        anomalies.delivery_id, anomalies.merchant_id, merchants.merchant_name, anomalies.integration_source,
        anomalies.occurred_at
    from {marts}.integration_anomalies as anomalies
    left join {marts}.merchants as merchants on anomalies.merchant_id = merchants.merchant_id
    where ($merchant is null or anomalies.merchant_id = $merchant)
"""

DELIVERIES = """
    select
        deliveries.delivery_id, deliveries.merchant_id, merchants.merchant_name, deliveries.integration_source,
        deliveries.delivery_status, deliveries.attempt_count, deliveries.last_provider, deliveries.is_doordash_fallback,
        deliveries.created_at
    from {marts}.deliveries as deliveries
    left join {marts}.merchants as merchants on deliveries.merchant_id = merchants.merchant_id
    where ($merchant is null or deliveries.merchant_id = $merchant)
        and ($source is null or deliveries.integration_source = $source)
"""

DELIVERY = """
    select deliveries.*, merchants.merchant_name
    from {marts}.deliveries as deliveries
    left join {marts}.merchants as merchants on deliveries.merchant_id = merchants.merchant_id
    where deliveries.delivery_id = $delivery
"""

DELIVERY_ATTEMPTS = """
    select attempt_id, attempt_number, provider, attempt_status, is_doordash_fallback, started_at, sent_to_doordash_at,
        updated_at
    from {marts}.delivery_attempts
    where delivery_id = $delivery
    order by attempt_number nulls last, attempt_id
"""

DELIVERY_CALLS = """
    select
        call_id, paired_call_id, attempt_id, provider, direction, call_type, outcome, error_class, error_code,
        provider_status, latency_ms, pair_reason, called_at
    from {marts}.integration_calls
    where delivery_id = $delivery
    order by called_at, call_id
"""

DELIVERY_ORDERS = """
    select order_id from {marts}.order_delivery_links where delivery_id = $delivery and is_linked order by order_id
"""

# --- data quality --------------------------------------------------------------------------------------------------

# Each law by platform and currency: what stands on its left side and what on its right, in cents. Of a platform and
# currency that only one side has, the other is nothing; an unknown currency is one of them.
LAW_STATED_AND_AWAITED = """
    select
        platform, currency_code,
        cast(sum(left_cents) as bigint) as left_cents, cast(sum(right_cents) as bigint) as right_cents
    from (
        select
            platform, currency_code, stated_cents + not_yet_stated_cents as left_cents, expected_cents as right_cents
        from {marts}.merchant_reconciliation
        union all
        select platform, currency_code, 0 as left_cents, claimed_cents as right_cents
        from {marts}.reconciliation_claims
    ) as sides
    group by platform, currency_code
    order by currency_code, platform
"""

LAW_EXPECTED_CHARGES = """
    select
        platform, currency_code,
        cast(sum(left_cents) as bigint) as left_cents, cast(sum(right_cents) as bigint) as right_cents
    from (
        select platform, currency_code, coalesce(expected_cents, 0) as left_cents, 0 as right_cents
        from {marts}.expected_charges
        union all
        select platform, currency_code, 0 as left_cents, expected_cents as right_cents
        from {marts}.merchant_reconciliation
    ) as sides
    group by platform, currency_code
    order by currency_code, platform
"""

LAW_STATED_CHARGES = """
    select
        platform, currency_code,
        cast(sum(left_cents) as bigint) as left_cents, cast(sum(right_cents) as bigint) as right_cents
    from (
        select platform, currency_code, stated_cents as left_cents, 0 as right_cents
        from {marts}.stated_charges
        union all
        select platform, currency_code, 0 as left_cents, net_cents as right_cents
        from {marts}.statement_lines
    ) as sides
    group by platform, currency_code
    order by currency_code, platform
"""

# A payout that only its summary names has no lines to compare.
LAW_PAYOUT_SUMMARIES = """
    select
        platform, currency_code,
        cast(sum(stated_cents) as bigint) as left_cents,
        cast(sum(summary_cents) as bigint) as right_cents
    from {marts}.payouts
    where summary_cents is not null and statement_line_count > 0
    group by platform, currency_code
    order by currency_code, platform
"""

# Of the two breaks of a deposit at the wrong account one is the payout's. A payout that no export of its account
# reaches back to cannot be traced.
LAW_DUE = """
    with payout_breaks as (
        select breaks.payout_id, sum(breaks.break_cents) as break_cents
        from {marts}.deposit_breaks as breaks
        left join {marts}.deposits as deposits on breaks.deposit_id = deposits.deposit_id
        where breaks.break_class in ('missing_deposit', 'short_deposit')
            or (breaks.break_class = 'wrong_account_deposit' and breaks.bank_account_id <> deposits.bank_account_id)
        group by breaks.payout_id
    )
    select
        payouts.platform, payouts.currency_code,
        cast(sum(payouts.due_cents) as bigint) as left_cents,
        cast(
            sum(payouts.deposited_cents + payouts.in_transit_cents - coalesce(payout_breaks.break_cents, 0)) as bigint
        ) as right_cents
    from {marts}.payouts as payouts
    left join payout_breaks on payouts.payout_id = payout_breaks.payout_id
    where payouts.is_traced
    group by payouts.platform, payouts.currency_code
    order by payouts.currency_code, payouts.platform
"""

DOCUMENT_COUNTS = """
    select
        (select cast(coalesce(sum(version_count), 0) as bigint) from {marts}.orders) as version_count,
        (select count(*) from {marts}.orders) as order_count,
        (select count(*) from {marts}.rejected_order_documents) as rejected_count,
        (select count(*) from {marts}.rejected_statement_rows) as rejected_statement_row_count,
        (select count(*) from {marts}.rejected_bank_rows) as rejected_bank_row_count,
        (select count(*) from {marts}.order_document_findings) as finding_count,
        (select count(*) from {marts}.order_integrity where not is_held) as broken_identity_count,
        (select count(*) from {marts}.order_integrity) as identity_count,
        (select count(*) from {marts}.source_files where file_state = 'refused') as refused_file_count,
        (select count(*) from {marts}.source_files where file_state = 'loaded') as loaded_file_count,
        (select count(*) from {marts}.statement_coverage where coverage_state = 'missing') as missing_day_count,
        (select count(*) from {marts}.stores where merchant_id is null) as unmapped_store_count
"""

FRESHNESS = """
    select source_name, part_name, arrived_row_count, quiet_seconds, stale_after_seconds, is_stale, newest_at, as_of_at
    from {marts}.source_freshness
    order by is_stale desc, source_name, part_name
"""

# A source with a stale part shows the part that has been quiet for longest; others the part that came last.
FRESHNESS_BY_SOURCE = """
    select
        source_name, count(*) as part_count,
        cast(sum(case when is_stale then 1 else 0 end) as bigint) as stale_part_count,
        coalesce(min(case when is_stale then newest_at end), max(newest_at)) as newest_at,
        coalesce(max(case when is_stale then quiet_seconds end), min(quiet_seconds)) as quiet_seconds
    from {marts}.source_freshness
    group by source_name
    order by source_name
"""

REJECTED_DOCUMENTS = """
    select document_id, order_id, received_from, source_file_name, source_row_number, findings, received_at
    from {marts}.rejected_order_documents
"""

REJECTED_ROWS = """
    select 'statement' as content_kind, source_file_hash, source_file_name, source_row_number, findings, loaded_at
    from {marts}.rejected_statement_rows
    union all
    select 'bank_transactions', source_file_hash, source_file_name, source_row_number, findings, loaded_at
    from {marts}.rejected_bank_rows
"""

SOURCE_FILES = """
    select source_file_hash, file_state, source_file_name, content_kind, content_format, landed_row_count,
        refusal_reason, recorded_at
    from {marts}.source_files
    where ($file_state is null or file_state = $file_state)
"""

MISSING_COVERAGE = """
    select
        coverage.store_id, stores.store_name, coverage.merchant_id, merchants.merchant_name, coverage.platform,
        platforms.platform_name, coverage.pay_period_start_date, coverage.pay_period_end_date,
        count(*) as day_count, cast(sum(coverage.order_count) as bigint) as order_count
    from {marts}.statement_coverage as coverage
    left join {marts}.stores as stores on coverage.store_id = stores.store_id
    left join {marts}.merchants as merchants on coverage.merchant_id = merchants.merchant_id
    left join {marts}.platforms as platforms on coverage.platform = platforms.platform
    where coverage.coverage_state = 'missing'
    group by
        coverage.store_id, stores.store_name, coverage.merchant_id, merchants.merchant_name, coverage.platform,
        platforms.platform_name, coverage.pay_period_start_date, coverage.pay_period_end_date
"""
