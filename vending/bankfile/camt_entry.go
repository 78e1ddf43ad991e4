package bankfile

import (
	"strconv"
	"strings"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// entry is Ntry: what was booked, in one sum or in the parts of a batch.
type entry struct {
	Amount    money    `xml:"Amt"`
	Side      string   `xml:"CdtDbtInd"`
	Status    status   `xml:"Sts"`
	Booked    string   `xml:"BookgDt>Dt"`
	BookedAt  string   `xml:"BookgDt>DtTm"`
	Servicer  string   `xml:"AcctSvcrRef"`
	Reference string   `xml:"NtryRef"`
	Info      string   `xml:"AddtlNtryInf"`
	Parts     []detail `xml:"NtryDtls>TxDtls"`
}

// status is text up to version 7 and a code from version 8 on.
type status struct {
	Text string `xml:",chardata"`
	Code string `xml:"Cd"`
}

// detail is TxDtls.
type detail struct {
	Amount   money    `xml:"Amt"`
	Older    money    `xml:"AmtDtls>TxAmt>Amt"` // where versions up to 2 have it
	Side     string   `xml:"CdtDbtInd"`
	EndToEnd string   `xml:"Refs>EndToEndId"`
	Servicer string   `xml:"Refs>AcctSvcrRef"`
	Texts    []string `xml:"RmtInf>Ustrd"`
}

// entry takes a booked entry: a line, or where its parts say their amounts, a
// line each. Parts that do not sum to their entry are wrong.
func (s *statement) entry(no int, e entry) error {
	s.entries++
	lines, err := e.lines(no)
	if err != nil {
		return s.file.add(Line{}, err)
	}
	side := &s.credits
	total, _ := e.Amount.fen()
	if strings.TrimSpace(e.Side) == "DBIT" {
		side = &s.debits
	}
	if *side, err = side.Add(ledger.Fen(total)); err != nil {
		return ErrSum.With("Line", no)
	}
	for _, l := range lines {
		if err := s.file.add(l, nil); err != nil {
			return err
		}
	}
	return nil
}

func (e entry) lines(no int) ([]Line, error) {
	whole, err := e.line(no)
	if err != nil {
		return nil, err
	}
	if len(e.Parts) == 1 {
		return []Line{e.Parts[0].named(whole)}, nil
	}
	var out []Line
	sum := ledger.Fen(0)
	for _, p := range e.Parts {
		amount := p.Amount
		if amount.Text == "" {
			amount = p.Older
		}
		if amount.Text == "" {
			return []Line{whole}, nil // a batch that does not say its parts
		}
		part := p.named(whole)
		if part.Fen, err = amount.of(no, or(p.Side, e.Side)); err != nil {
			return nil, err
		}
		if sum, err = sum.Add(ledger.Fen(part.Fen)); err != nil {
			return nil, ErrSum.With("Line", no)
		}
		out = append(out, part)
	}
	if len(out) == 0 {
		return []Line{whole}, nil
	}
	if sum.N != whole.Fen {
		return nil, wrong(no, "amount", e.Amount.Text, "sum_of_parts")
	}
	return out, nil
}

// line is the entry as one.
func (e entry) line(no int) (Line, error) {
	l := Line{No: no, Reference: strings.TrimSpace(or(e.Servicer, e.Reference)), Text: strings.TrimSpace(e.Info)}
	if code := strings.TrimSpace(e.Status.Text) + strings.TrimSpace(e.Status.Code); code != "BOOK" {
		return l, wrong(no, "status", code, "booked")
	}
	day := strings.TrimSpace(or(e.Booked, e.BookedAt))
	if len(day) > len("2026-03-01") {
		day = day[:len("2026-03-01")]
	}
	var err error
	if l.Day, err = vending.ParseDate(day); err != nil {
		return l, wrong(no, "date", day, "a_date")
	}
	l.Fen, err = e.Amount.of(no, e.Side)
	return l, err
}

// named gives a line the references of a part.
func (d detail) named(l Line) Line {
	if id := strings.TrimSpace(d.EndToEnd); id != "" && id != "NOTPROVIDED" {
		l.Reference = id
	} else if d.Servicer != "" {
		l.Reference = strings.TrimSpace(d.Servicer)
	}
	if len(d.Texts) > 0 {
		l.Text = strings.TrimSpace(strings.Join(d.Texts, " "))
	}
	return l
}

// of is the amount with its sign: what was credited to us is above zero.
func (m money) of(no int, side string) (int64, error) {
	if m.Currency != string(ledger.CNY) {
		return 0, wrong(no, "currency", m.Currency, "cny")
	}
	n, ok := m.fen()
	if !ok || n == 0 {
		return 0, wrong(no, "amount", m.Text, "an_amount")
	}
	switch strings.TrimSpace(side) {
	case "CRDT":
		return n, nil
	case "DBIT":
		return -n, nil
	}
	return 0, wrong(no, "direction", side, "a_direction")
}

// fen is the amount without sign, as camt.053 has it.
func (m money) fen() (int64, bool) {
	text := strings.TrimSpace(m.Text)
	if strings.ContainsAny(text, "+-,") {
		return 0, false
	}
	return yuan(text)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// end holds what a statement says about itself against its entries. Where
// entries are wrong their amounts are not known, and only the count is held.
func (s *statement) end() error {
	account := strings.TrimSpace(or(s.says.Account.IBAN, s.says.Account.Other))
	if s.file.Account != "" && account != s.file.Account {
		return ErrAccounts.With("Account", s.file.Account, "Other", account)
	}
	s.file.Account = account
	said := s.says.Sums
	if n, err := strconv.Atoi(said.All.Count); said.All.Count != "" && (err != nil || n != s.entries) {
		return ErrTotals.With("What", "file_count", "Said", said.All.Count, "Found", s.entries)
	}
	if len(s.file.Wrong) > 0 {
		return nil
	}
	all, err := s.credits.Add(s.debits)
	if err != nil {
		return ErrSum.With("Line", 0)
	}
	for _, c := range []struct {
		said  string
		found int64
	}{{said.All.Sum, all.N}, {said.Credit.Sum, s.credits.N}, {said.Debit.Sum, s.debits.N}} {
		if n, ok := (money{Text: c.said}).fen(); c.said != "" && (!ok || n != c.found) {
			return ErrTotals.With("What", "file_total", "Said", c.said, "Found", vending.FormatYuan(c.found))
		}
	}
	return s.balances()
}

// balances holds opening balance and entries against the closing balance.
func (s *statement) balances() error {
	var opening, closing *balance
	for i, b := range s.says.Balances {
		switch b.Code {
		case "OPBD", "PRCD":
			opening = &s.says.Balances[i]
		case "CLBD":
			closing = &s.says.Balances[i]
		}
	}
	if opening == nil || closing == nil {
		return nil
	}
	before, ok := opening.fen()
	after, okay := closing.fen()
	if !ok || !okay {
		return ErrTotals.With("What", "file_balance", "Said", opening.Amount.Text+" … "+closing.Amount.Text, "Found", "")
	}
	found, err := ledger.Fen(before).Add(s.credits)
	if err == nil {
		found, err = found.Sub(s.debits)
	}
	if err != nil {
		return ErrSum.With("Line", 0)
	}
	if found.N != after {
		return ErrTotals.With("What", "file_balance", "Said", closing.Amount.Text, "Found", vending.FormatYuan(found.N))
	}
	return nil
}

// fen is the balance; below zero where it is overdrawn.
func (b balance) fen() (int64, bool) {
	n, ok := b.Amount.fen()
	if strings.TrimSpace(b.Side) == "DBIT" {
		n = -n
	}
	return n, ok
}
