"""Every capability, one line each. The only list of who exists."""

from siyu.access.wiring import capability as access
from siyu.act.alerts.wiring import capability as alerts
from siyu.act.broadcasts.wiring import capability as broadcasts
from siyu.act.gateway.wiring import capability as gateway
from siyu.act.handovers.wiring import capability as handovers
from siyu.act.markings.wiring import capability as markings
from siyu.act.materials.wiring import capability as materials
from siyu.act.welcomes.wiring import capability as welcomes
from siyu.act.words.wiring import capability as words
from siyu.app.own import capability as app
from siyu.infra.wiring import Capability, ReplicaTable
from siyu.measure.lift.wiring import capability as lift
from siyu.measure.retention.wiring import capability as retention
from siyu.measure.today.wiring import capability as today
from siyu.observe.albums.wiring import capability as albums
from siyu.observe.contacts.wiring import capability as contacts
from siyu.observe.groups.wiring import capability as groups
from siyu.observe.identities.wiring import capability as identities
from siyu.observe.imports.wiring import capability as imports
from siyu.observe.intake.wiring import capability as intake
from siyu.observe.moments.wiring import capability as moments
from siyu.observe.orders.wiring import capability as orders
from siyu.observe.products.wiring import capability as products
from siyu.observe.sends.wiring import capability as sends
from siyu.observe.sources.wiring import capability as sources
from siyu.observe.statistics.wiring import capability as statistics
from siyu.observe.tags.wiring import capability as tags
from siyu.observe.tracking.wiring import capability as tracking
from siyu.observe.ways.wiring import capability as ways
from siyu.understand.consents.wiring import capability as consents
from siyu.understand.customers.wiring import capability as customers
from siyu.understand.identity.wiring import capability as identity
from siyu.understand.lifecycle.wiring import capability as lifecycle
from siyu.understand.rfm.wiring import capability as rfm
from siyu.understand.segments.wiring import capability as segments

CAPABILITIES: tuple[Capability, ...] = (
    app,
    access,
    identities,
    products,
    sources,
    intake,
    orders,
    imports,
    contacts,
    groups,
    tags,
    ways,
    albums,
    moments,
    sends,
    statistics,
    tracking,
    identity,
    consents,
    customers,
    rfm,
    lifecycle,
    segments,
    retention,
    lift,
    today,
    words,
    materials,
    gateway,
    broadcasts,
    welcomes,
    handovers,
    markings,
    alerts,
)
REPLICA: tuple[ReplicaTable, ...] = tuple(table for capability in CAPABILITIES for table in capability.replica)
