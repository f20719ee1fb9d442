-- what a peer's import leaves in PostgreSQL: plain tables with their keys
create table orders (
    order_no text primary key,
    customer_no text not null,
    country text,
    paid_at timestamptz not null,
    amount numeric not null,
    lines integer not null
);
create table order_lines (
    order_no text not null,
    line_no integer not null,
    sku text not null,
    name text,
    quantity numeric not null,
    unit_price numeric not null,
    amount numeric not null,
    primary key (order_no, line_no)
);
create table returns (
    order_no text not null,
    line_no integer not null,
    customer_no text not null,
    returned_at timestamptz not null,
    sku text not null,
    name text,
    quantity numeric not null,
    amount numeric not null,
    primary key (order_no, line_no)
);
