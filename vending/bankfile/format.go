package bankfile

import (
	"encoding/json"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Format describes a text file, as JSON:
//
//	{"encoding": "auto", "delimiter": "|", "skip": 1, "date": "YYYYMMDD", "amount": "yuan",
//	 "columns": {"date": 1, "reference": 2, "customer": 3, "amount": 5},
//	 "trailer": {"begins": "T", "count": 2, "total": 3}}
//
// Without a delimiter the columns are fixed: [at, width] in bytes of the file's
// encoding, from 1, as banks define them.
type Format struct {
	Encoding  string   `json:"encoding"`  // utf-8, gbk, gb18030, or auto: UTF-8 where it is that throughout, else GB18030
	Delimiter string   `json:"delimiter"` // one character; fields may stand in double quotes
	Skip      int      `json:"skip"`      // lines of titles at the top
	Date      string   `json:"date"`      // YYYYMMDD, YYYY-MM-DD, YYYY/MM/DD
	Amount    string   `json:"amount"`    // yuan or fen
	Columns   Columns  `json:"columns"`
	Debit     []string `json:"debit"`  // what the direction says where money was taken from us
	Credit    []string `json:"credit"` // and where it was given
	Paid      []string `json:"paid"`   // what the result says of a withholding that was paid
	Header    *Sums    `json:"header"`
	Trailer   *Sums    `json:"trailer"`
	Unchecked bool     `json:"unchecked"` // the file has neither count nor total: it cannot show that it is whole
}

// Columns say where a line has what. Date, reference and amount are needed.
type Columns struct {
	Date      Column `json:"date"`
	Customer  Column `json:"customer"`
	Card      Column `json:"card"`
	Reference Column `json:"reference"`
	Amount    Column `json:"amount"`
	Direction Column `json:"direction"`
	Text      Column `json:"text"`
	Result    Column `json:"result"`
	Reason    Column `json:"reason"`
}

// Sums is the line before or after the others that says how many and how much.
type Sums struct {
	Begins string `json:"begins"` // how the line begins; a header may be told by its place alone
	Count  Column `json:"count"`
	Total  Column `json:"total"`
}

// Column is the n-th field, or in fixed text a width from a place; zero: none.
type Column struct{ at, width int }

// UnmarshalJSON reads 3, or [3, 8].
func (c *Column) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &c.at) == nil {
		return nil
	}
	var pair [2]int
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	c.at, c.width = pair[0], pair[1]
	return nil
}

// dates are the forms of a day, as people write them and as Go does.
var dates = map[string]string{"YYYYMMDD": "20060102", "YYYY-MM-DD": "2006-01-02", "YYYY/MM/DD": "2006/01/02",
	"YYYYMMDDhhmmss": "20060102150405", "YYYY-MM-DD hh:mm:ss": time.DateTime}

// ReadFormat reads a description and checks it: ErrDescription names what is wrong.
func ReadFormat(r io.Reader) (Format, error) {
	var f Format
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return Format{}, ErrDescription.With("Reason", err.Error())
	}
	if reason := f.fault(); reason != "" {
		return Format{}, ErrDescription.With("Reason", reason)
	}
	return f, nil
}

// fault is what is wrong with a description, in the words of its fields.
func (f Format) fault() string {
	switch {
	case f.Encoding != "" && f.Encoding != "auto" && f.Encoding != "utf-8" && f.Encoding != "gbk" && f.Encoding != "gb18030":
		return "encoding"
	case utf8.RuneCountInString(f.Delimiter) > 1 || strings.ContainsAny(f.Delimiter, "\"\r\n"):
		return "delimiter"
	case f.Skip < 0:
		return "skip"
	case dates[f.Date] == "":
		return "date"
	case f.Amount != "yuan" && f.Amount != "fen":
		return "amount"
	case f.Columns.Date.at == 0 || f.Columns.Reference.at == 0 || f.Columns.Amount.at == 0:
		return "columns"
	case f.Columns.Direction.at != 0 && (len(f.Debit) == 0 || len(f.Credit) == 0):
		return "direction without debit and credit"
	case f.Columns.Result.at != 0 && len(f.Paid) == 0:
		return "result without paid"
	case f.Trailer != nil && f.Trailer.Begins == "":
		return "trailer without begins"
	case !f.Unchecked && !f.Header.checks() && !f.Trailer.checks():
		return "neither header nor trailer says count or total; say unchecked if the files are like that"
	}
	for _, c := range f.all() {
		if c.at < 0 || c.at > 1<<16 || c.width < 0 || c.width > 1<<16 || c.at > 0 && (f.Delimiter == "") != (c.width > 0) {
			return "columns: fixed ones are [at, width], others a number"
		}
	}
	return ""
}

func (f Format) all() []Column {
	c := f.Columns
	all := []Column{c.Date, c.Customer, c.Card, c.Reference, c.Amount, c.Direction, c.Text, c.Result, c.Reason}
	for _, s := range []*Sums{f.Header, f.Trailer} {
		if s != nil {
			all = append(all, s.Count, s.Total)
		}
	}
	return all
}

func (s *Sums) checks() bool { return s != nil && (s.Count.at > 0 || s.Total.at > 0) }

// SaysResults tells whether the files say what became of a withholding.
func (f Format) SaysResults() bool { return f.Columns.Result.at > 0 }
