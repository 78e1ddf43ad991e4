package bankfile

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// What is wrong with a file as a whole: nothing of it is taken.
var (
	ErrDescription = &vending.Error{Kind: vending.Invalid, Code: "bank_format_invalid"}
	ErrTooLarge    = &vending.Error{Kind: vending.Invalid, Code: "bank_file_too_large"}
	ErrEncoding    = &vending.Error{Kind: vending.Invalid, Code: "bank_file_encoding"}
	ErrTruncated   = &vending.Error{Kind: vending.Invalid, Code: "bank_file_truncated"}
	ErrTotals      = &vending.Error{Kind: vending.Invalid, Code: "bank_file_totals"}
	ErrAfterEnd    = &vending.Error{Kind: vending.Invalid, Code: "bank_file_after_end"}
	ErrNotCAMT     = &vending.Error{Kind: vending.Invalid, Code: "bank_file_not_camt"}
	ErrAccounts    = &vending.Error{Kind: vending.Invalid, Code: "bank_file_accounts"}
	ErrSum         = &vending.Error{Kind: vending.Invalid, Code: "bank_file_sum"}
)

// ErrLine is a line that cannot be read; it says which, and why.
var ErrLine = &vending.Error{Kind: vending.Invalid, Code: "bank_line_wrong"}

// MaxBytes is the largest file that is read: a million lines of an agent's.
const MaxBytes = 256 << 20

// Line is one line of a file.
type Line struct {
	ID        uuid.UUID // see Identify
	No        int       // of the line in its file, from 1
	Day       vending.Date
	Customer  int64  // 0 where the file does not say
	Card      string // empty where the file does not say
	Reference string
	Fen       int64 // what we got; below zero: what was taken from us
	Text      string
	Paid      bool   // result of a withholding: false where the bank refused
	Reason    string // why it refused
}

// File is what a file says.
type File struct {
	Hash     [32]byte // SHA-256 of its bytes
	Account  string   // whose statement it is; empty in text files
	Lines    []Line
	TotalFen int64            // of Lines
	Wrong    []*vending.Error // ErrLine each
}

// wrong is ErrLine: what is not as it should be, in which line.
func wrong(line int, what, value, want string) *vending.Error {
	const longest = 80
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "…"
	}
	return ErrLine.With("Line", line, "What", "file_"+what, "Value", value, "Want", "file_"+want)
}

// add takes a line, or what was wrong with it.
func (f *File) add(l Line, err error) error {
	var fault *vending.Error
	if errors.As(err, &fault) {
		f.Wrong = append(f.Wrong, fault)
		return nil
	}
	sum, err := ledger.Fen(f.TotalFen).Add(ledger.Fen(l.Fen))
	if err != nil {
		return ErrSum.With("Line", l.No)
	}
	f.TotalFen = sum.N
	f.Lines = append(f.Lines, l)
	return nil
}

// input counts and hashes what is read, and ends where MaxBytes do.
type input struct {
	from io.Reader
	hash hash.Hash
	left int64
}

func newInput(r io.Reader) *input { return &input{r, sha256.New(), MaxBytes} }

func (in *input) Read(p []byte) (int, error) {
	n, err := in.from.Read(p)
	in.hash.Write(p[:n])
	if in.left -= int64(n); in.left < 0 {
		return 0, ErrTooLarge.With("Max", MaxBytes>>20)
	}
	return n, err
}
