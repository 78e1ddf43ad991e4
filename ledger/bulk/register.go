package bulk

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Register makes a connection know the composite types that are rows. It fails with
// what the database refuses.
func Register(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `select typname, oid, typarray from pg_type where typtype = 'c' and typname like '%\_row' and pg_type_is_visible(oid)`)
	if err != nil {
		return fmt.Errorf("types of rows: %w", err)
	}
	var name string
	var row, array uint32
	_, err = pgx.ForEachRow(rows, []any{&name, &row, &array}, func() error {
		conn.TypeMap().RegisterType(&pgtype.Type{Name: name + "[]", OID: array, Codec: codec{row}})
		return nil
	})
	if err != nil {
		return fmt.Errorf("types of rows: %w", err)
	}
	return nil
}

// errOneWay: rows are never read back.
var errOneWay = errors.New("bulk: rows are arguments only")

// codec writes Rows as an array of one composite type.
type codec struct{ row uint32 }

func (codec) FormatSupported(format int16) bool { return format == pgtype.BinaryFormatCode }
func (codec) PreferredFormat() int16            { return pgtype.BinaryFormatCode }

func (c codec) PlanEncode(_ *pgtype.Map, _ uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(Rows); !ok || format != pgtype.BinaryFormatCode {
		return nil
	}
	return c
}

// Encode writes the head of an array of one dimension (array_recv), then the rows.
func (c codec) Encode(value any, b []byte) ([]byte, error) {
	rows := value.(Rows)
	const dimensions, noNulls, lowest = 1, 0, 1
	for _, n := range []uint32{dimensions, noNulls, c.row, uint32(rows.count), lowest} {
		b = order.AppendUint32(b, n)
	}
	return append(b, rows.body...), nil
}

func (codec) PlanScan(*pgtype.Map, uint32, int16, any) pgtype.ScanPlan { return nil }

func (codec) DecodeDatabaseSQLValue(*pgtype.Map, uint32, int16, []byte) (driver.Value, error) {
	return nil, errOneWay
}

func (codec) DecodeValue(*pgtype.Map, uint32, int16, []byte) (any, error) { return nil, errOneWay }
