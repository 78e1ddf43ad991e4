// Package bulk hands rows of Go values to an SQL statement, as something to select
// from: one array of a composite type, `unnest($1::some_row[])`. An array a column
// costs PostgreSQL about 5 µs whatever it holds; an array of rows costs that once.
//
// The composite types are made by migrations and their names end in _row. A
// connection must know them (Register) before Rows can be sent on it. Fields come in
// the order of the type; PostgreSQL refuses another number of fields, or a field of another type.
package bulk

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Rows are rows of one composite type, as the argument of a statement.
type Rows struct {
	count int
	body  []byte // each row with its length before it, as record_recv reads it
}

// GoString keeps what the rows say out of an error that quotes its argument.
func (r Rows) GoString() string { return fmt.Sprintf("bulk.Rows of %d", r.count) }

// Of makes a row of each item. row says the fields in the order of the type.
func Of[T any](items []T, row func(*Row, T)) Rows {
	r := Row{b: make([]byte, 0, len(items)*usual)}
	for _, item := range items {
		begin := len(r.b)
		r.fields = 0
		r.b = append(r.b, 0, 0, 0, 0, 0, 0, 0, 0)
		row(&r, item)
		order.PutUint32(r.b[begin:], uint32(len(r.b)-begin-4))
		order.PutUint32(r.b[begin+4:], r.fields)
	}
	return Rows{len(items), r.b}
}

// usual is how long most rows are, in bytes.
const usual = 400

var order = binary.BigEndian

// Row is written field by field.
type Row struct {
	b      []byte
	fields uint32
}

// field begins a field of so many bytes.
func (r *Row) field(oid uint32, size int) {
	r.fields++
	r.b = order.AppendUint32(r.b, oid)
	r.b = order.AppendUint32(r.b, uint32(size))
}

// null is the size of a field that is null: -1.
const null = 1<<32 - 1

func (r *Row) null(oid uint32) {
	r.fields++
	r.b = order.AppendUint32(r.b, oid)
	r.b = order.AppendUint32(r.b, null)
}

// Bigint appends a bigint.
func (r *Row) Bigint(n int64) {
	r.field(pgtype.Int8OID, 8)
	r.b = order.AppendUint64(r.b, uint64(n))
}

// BigintOrNull appends a bigint that may be null.
func (r *Row) BigintOrNull(n *int64) {
	if n == nil {
		r.null(pgtype.Int8OID)
		return
	}
	r.Bigint(*n)
}

// Integer appends an integer.
func (r *Row) Integer(n int32) {
	r.field(pgtype.Int4OID, 4)
	r.b = order.AppendUint32(r.b, uint32(n))
}

// Text appends a text.
func (r *Row) Text(s string) {
	r.field(pgtype.TextOID, len(s))
	r.b = append(r.b, s...)
}

// Bytes appends a bytea.
func (r *Row) Bytes(b []byte) {
	r.field(pgtype.ByteaOID, len(b))
	r.b = append(r.b, b...)
}

// UUID appends a uuid.
func (r *Row) UUID(id [16]byte) {
	r.field(pgtype.UUIDOID, len(id))
	r.b = append(r.b, id[:]...)
}

// UUIDOrNull appends a uuid, null where it is zero.
func (r *Row) UUIDOrNull(id [16]byte) {
	if id == [16]byte{} {
		r.null(pgtype.UUIDOID)
		return
	}
	r.UUID(id)
}

// epoch is PostgreSQL's, in microseconds of Unix time.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// Time appends a timestamptz, cut down to a microsecond.
func (r *Row) Time(t time.Time) {
	r.field(pgtype.TimestamptzOID, 8)
	r.b = order.AppendUint64(r.b, uint64(t.UnixMicro()-epoch))
}

// TimeOrNull appends a timestamptz that may be null.
func (r *Row) TimeOrNull(t *time.Time) {
	if t == nil {
		r.null(pgtype.TimestamptzOID)
		return
	}
	r.Time(*t)
}
