-- the same as views: each of the three is streamed from the file anew, nothing is kept between
create temp view known as
select row_number() over () as n, InvoiceNo as order_no, StockCode as sku, nullif(trim(Description), '') as name, Quantity as quantity,
    UnitPrice as unit_price, cast(Quantity * UnitPrice as decimal(18, 3)) as amount, timezone('Europe/London', InvoiceDate) as sold_at, CustomerID as customer_no,
    Country as country
from read_csv(
    getvariable('file'), header = true, delim = ',', quote = '"', escape = '"',
    columns = {
        'InvoiceNo': 'varchar', 'StockCode': 'varchar', 'Description': 'varchar', 'Quantity': 'integer', 'InvoiceDate': 'timestamp',
        'UnitPrice': 'decimal(12, 3)', 'CustomerID': 'varchar', 'Country': 'varchar'
    }
)
where CustomerID is not null;

create temp view sold as
from known
where not starts_with(order_no, 'C') and quantity > 0 and unit_price > 0;

create temp view orders as
select order_no, any_value(customer_no) as customer_no, any_value(country) as country, min(sold_at) as paid_at, sum(amount) as amount, count(*) as lines
from sold
group by order_no;

create temp view order_lines as
select order_no, row_number() over (partition by order_no order by n) as line_no, sku, name, quantity, unit_price, amount
from sold;

create temp view returns as
select order_no, row_number() over (partition by order_no order by n) as line_no, customer_no, sold_at as returned_at, sku, name, -quantity as quantity,
    -amount as amount
from known
where starts_with(order_no, 'C');
