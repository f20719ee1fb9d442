"""Every capability, one line each. The only list of who exists."""

from siyu.access.wiring import capability as access
from siyu.app.own import capability as app
from siyu.infra.wiring import Capability, ReplicaTable
from siyu.observe.contacts.wiring import capability as contacts
from siyu.observe.identities.wiring import capability as identities
from siyu.observe.orders.wiring import capability as orders
from siyu.observe.products.wiring import capability as products

CAPABILITIES: tuple[Capability, ...] = (app, access, identities, products, orders, contacts)
REPLICA: tuple[ReplicaTable, ...] = tuple(table for capability in CAPABILITIES for table in capability.replica)
