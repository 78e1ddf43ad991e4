// Package bulk hands rows of Go values to an SQL statement, as something to select
// from: a few as VALUES, many as arrays. An array a column costs PostgreSQL about 5 µs
// whatever it holds, which is nothing for a thousand rows and most of the work for one.
package bulk

import (
	"strconv"
	"strings"
)

// few is up to how many rows are written as VALUES. Each number of rows is a
// statement of its own, to be prepared, so it is small.
const few = 6

// Column is one column of rows.
type Column struct {
	name, typ string
	array     any           // all values, as one array
	value     func(int) any // one value
	rows      int
}

// Of is the column that is of each row, of a type of PostgreSQL.
func Of[S, T any](name, typ string, rows []S, of func(S) T) Column {
	values := make([]T, len(rows))
	for i, row := range rows {
		values[i] = of(row)
	}
	return Column{name, typ, values, func(i int) any { return values[i] }, len(rows)}
}

// Source is what a statement selects from, under an alias, and its arguments. The
// first of them is $1; what else the statement is given comes after them.
func Source(alias string, columns ...Column) (sql string, args []any) {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	head := " " + alias + " (" + strings.Join(names, ", ") + ") "
	if columns[0].rows > few {
		return "unnest(" + arrays(columns, &args) + ")" + head, args
	}
	return "(values " + values(columns, &args) + ")" + head, args
}

func arrays(columns []Column, args *[]any) string {
	var b strings.Builder
	for i, c := range columns {
		separate(&b, i)
		*args = append(*args, c.array)
		b.WriteString("$" + strconv.Itoa(len(*args)) + "::" + c.typ + "[]")
	}
	return b.String()
}

func values(columns []Column, args *[]any) string {
	var b strings.Builder
	for row := range columns[0].rows {
		separate(&b, row)
		b.WriteByte('(')
		for i, c := range columns {
			separate(&b, i)
			*args = append(*args, c.value(row))
			b.WriteString("$" + strconv.Itoa(len(*args)) + "::" + c.typ)
		}
		b.WriteByte(')')
	}
	return b.String()
}

func separate(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteString(", ")
	}
}
