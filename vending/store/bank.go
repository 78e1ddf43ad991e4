package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/bankfile"
)

// Imported is what became of a file.
type Imported struct {
	Repeated bool // the very same file was taken before
	New      int64
	Known    int64 // lines that another file had brought
}

// linesAtOnce is how many lines go to the database in one statement.
const linesAtOnce = 10_000

// AddFile takes a file of a partner's, whose lines have been identified: lines
// that are known already change nothing. progress is told how far it is.
func (t *Tx) AddFile(ctx context.Context, deed uuid.UUID, account ledger.Account, name string, f bankfile.File, progress func(done int)) (Imported, error) {
	tag, err := t.tx.Exec(ctx, `insert into bank_file (hash, account, name, lines, total_fen, wrong, deed) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict on constraint bank_file_pkey do nothing`,
		f.Hash[:], account.String(), name, len(f.Lines), f.TotalFen, len(f.Wrong), deed)
	if err != nil {
		return Imported{}, err
	}
	if tag.RowsAffected() == 0 {
		return Imported{Repeated: true, Known: int64(len(f.Lines))}, nil
	}
	var out Imported
	for from := 0; from < len(f.Lines); from += linesAtOnce {
		part := f.Lines[from:min(from+linesAtOnce, len(f.Lines))]
		added, err := t.addLines(ctx, account, f.Hash, part)
		if err != nil {
			return Imported{}, err
		}
		out.New += added
		progress(from + len(part))
	}
	out.Known = int64(len(f.Lines)) - out.New
	t.Changed("file", map[string]any{"account": account.String(), "name": name, "lines": len(f.Lines), "new": out.New, "total_fen": f.TotalFen,
		"wrong": len(f.Wrong)})
	return out, nil
}

// addLines stores lines that are not known yet. A line that names a card and no
// customer is that of the card's customer.
func (t *Tx) addLines(ctx context.Context, account ledger.Account, hash [32]byte, lines []bankfile.Line) (int64, error) {
	var ids []uuid.UUID
	var customers, numbers, fens []int64
	var days []time.Time
	var cards, references, texts []string
	for _, l := range lines {
		ids, customers, numbers, fens = append(ids, l.ID), append(customers, l.Customer), append(numbers, int64(l.No)), append(fens, l.Fen)
		days, cards, references, texts = append(days, l.Day.UTC()), append(cards, l.Card), append(references, l.Reference), append(texts, l.Text)
	}
	tag, err := t.tx.Exec(ctx, `
		insert into bank_line (customer_no, id, account, file, line_no, day, card_no, reference, fen, text)
		select case when u.customer > 0 or u.card = '' then u.customer else coalesce(c.customer_no, 0) end,
			u.id, $1, $2, u.no, u.day, u.card, u.reference, u.fen, u.text
		from unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::date[], $7::text[], $8::text[], $9::bigint[], $10::text[])
			as u(id, customer, no, day, card, reference, fen, text)
		left join card c on c.no = u.card and u.customer = 0 and u.card <> ''
		where not exists (select 1 from bank_line b where b.id = u.id)`,
		account.String(), hash[:], ids, customers, numbers, days, cards, references, fens, texts)
	return tag.RowsAffected(), err
}

// Unmatched lists, oldest first, the lines of a partner that have no entry yet.
func (t *Tx) Unmatched(ctx context.Context, account ledger.Account) ([]bankfile.Line, error) {
	rows, err := t.tx.Query(ctx, `select l.id, l.line_no, l.day, l.customer_no, l.card_no, l.reference, l.fen, l.text from bank_line l
		where l.account = $1 and not exists (select 1 from bank_match m where m.customer_no = l.customer_no and m.line_id = l.id)
		order by l.day, l.line_no, l.id`, account.String())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (bankfile.Line, error) {
		var l bankfile.Line
		var day time.Time
		err := row.Scan(&l.ID, &l.No, &day, &l.Customer, &l.Card, &l.Reference, &l.Fen, &l.Text)
		l.Day = vending.DateOf(day)
		return l, err
	})
}

// Entries lists what we have of a partner since a day and no line says yet: an
// agent's collections, or what went through a bank account.
func (t *Tx) Entries(ctx context.Context, account ledger.Account, since vending.Date) ([]bankfile.Entry, error) {
	if account.Class == ledger.ClassBank {
		return t.bankEntries(ctx, account, since)
	}
	rows, err := t.tx.Query(ctx, `select c.id, c.day, c.customer_no, c.reference, c.fen from collection c
		where c.agent = $1 and c.day >= $2 and not exists (select 1 from bank_match m where m.entry_customer = c.customer_no and m.entry_id = c.id)
		order by c.day, c.id`, account.Of, since.UTC())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (bankfile.Entry, error) {
		var e bankfile.Entry
		var day time.Time
		err := row.Scan(&e.ID, &day, &e.Customer, &e.Reference, &e.Fen)
		e.Day = vending.DateOf(day)
		return e, err
	})
}

func (t *Tx) bankEntries(ctx context.Context, account ledger.Account, since vending.Date) ([]bankfile.Entry, error) {
	moved, err := ledger.Through(ctx, t.tx, account, since.Midnight())
	if err != nil {
		return nil, err
	}
	matched, err := column[uuid.UUID](ctx, t.tx, `select entry_id from bank_match where account = $1`, account.String())
	if err != nil {
		return nil, err
	}
	seen := make(map[uuid.UUID]bool, len(matched))
	for _, id := range matched {
		seen[id] = true
	}
	var entries []bankfile.Entry
	for _, m := range moved {
		fen := m.Amount.N
		if m.Credit == account {
			fen = -fen
		}
		if !seen[m.ID] {
			entries = append(entries, bankfile.Entry{ID: m.ID, Day: vending.DateOf(m.At), Customer: m.Customer, Fen: fen})
		}
	}
	return entries, nil
}

// AddMatches keeps which line says which entry.
func (t *Tx) AddMatches(ctx context.Context, deed uuid.UUID, account ledger.Account, pairs []bankfile.Pair) error {
	var lines, entries []uuid.UUID
	var customers, whose []int64
	for _, p := range pairs {
		lines, entries = append(lines, p.Line.ID), append(entries, p.Entry.ID)
		customers, whose = append(customers, p.Line.Customer), append(whose, p.Entry.Customer)
	}
	if len(pairs) == 0 {
		return nil
	}
	t.Changed("matched", map[string]any{"account": account.String(), "lines": len(pairs)})
	_, err := t.tx.Exec(ctx, `insert into bank_match (customer_no, line_id, account, entry_customer, entry_id, deed)
		select customer, line, $1, whose, entry, $2 from unnest($3::bigint[], $4::uuid[], $5::bigint[], $6::uuid[]) as u(customer, line, whose, entry)`,
		account.String(), deed, customers, lines, whose, entries)
	return err
}
