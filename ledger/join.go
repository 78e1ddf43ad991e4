package ledger

import "fmt"

// JoinHead is SQL that joins the last link of a book to a query of the caller's, who
// reads many things in one round trip: as.seq and as.hash, null in a new book. book is
// a column.
func JoinHead(book, as string) string {
	return fmt.Sprintf(` left join lateral (
		select seq, hash from ledger_record where customer_no = %s order by seq desc limit 1
	) %s on true`, book, as)
}

// JoinBalances joins all balances of a book, as arrays of one length: as.accounts,
// as.commodities, as.posted, as.incoming and as.outgoing. ReadBalances puts them together.
func JoinBalances(book, as string) string {
	return fmt.Sprintf(` left join lateral (
		select array_agg(account) as accounts, array_agg(commodity) as commodities, array_agg(credits_posted - debits_posted) as posted,
			array_agg(credits_pending) as incoming, array_agg(debits_pending) as outgoing
		from ledger_balance where customer_no = %s
	) %s on true`, book, as)
}

// Columns receives what JoinBalances joins.
type Columns struct {
	Accounts, Commodities      []string
	Posted, Incoming, Outgoing []int64
}

// Balances puts the arrays together.
func (c Columns) Balances(book int64) ([]Balance, error) {
	out := make([]Balance, len(c.Accounts))
	for i, name := range c.Accounts {
		account, err := ParseAccount(name)
		if err != nil {
			return nil, err
		}
		out[i] = Balance{Customer: book, Account: account, Commodity: Commodity(c.Commodities[i]),
			Posted: c.Posted[i], Incoming: c.Incoming[i], Outgoing: c.Outgoing[i]}
	}
	return out, nil
}
