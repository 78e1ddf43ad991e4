package paper

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/words"
)

// PriceLine is credit at one price.
type PriceLine struct {
	Name     string // the tier, as 第一档; may be empty
	Credit   ledger.Amount
	PriceFen int64 // for a thousand of the credit's units
	CostFen  int64
}

// FeeLine is a charge beyond credit (RULES B2).
type FeeLine struct {
	Name string
	Fen  int64
}

// Paid is how the amounts were called (RULES B5).
type Paid struct {
	Means       string // in words of the language
	DueFen      int64
	TenderedFen int64
	ChangeFen   int64 // handed back
}

// Slip is the receipt for a sale: of credit, of fees or of both (RULES B2, B6).
// Where nothing was loaded Card, Meter and Credit are empty.
type Slip struct {
	Head
	ID         uuid.UUID
	Customer   int64
	Payer      string
	Card       string
	Meter      string
	Credit     ledger.Amount
	Prices     []PriceLine
	Fees       []FeeLine
	Paid       Paid
	AdvanceFen int64 // what the customer has with us after it
}

// Document is the slip in a language.
func (s Slip) Document(w *words.Words) Document {
	title := w.Text("paper_topup_slip")
	if s.Card == "" {
		title = w.Text("paper_fee_slip")
	}
	d := s.document(w, title)
	customer := ""
	if s.Customer != 0 {
		customer = strconv.FormatInt(s.Customer, 10)
	}
	credit := ""
	if s.Credit.N != 0 {
		credit = vending.FormatAmount(s.Credit)
	}
	whose := some(
		pair(w.Text("paper_customer"), customer),
		pair(w.Text("paper_payer"), s.Payer),
		pair(w.Text("paper_card"), s.Card),
		pair(w.Text("paper_meter"), s.Meter),
		Row{[]string{w.Text("paper_credit"), credit}, true},
	)
	for _, part := range []Part{whose, s.sold(w), s.Paid.part(w)} {
		if len(part) > 0 {
			d.Parts = append(d.Parts, part)
		}
	}
	who := append(Part{pair(w.Text("paper_advance"), money(s.AdvanceFen))}, s.who(w)...)
	d.Parts = append(d.Parts, append(who, pair(w.Text("paper_id"), s.ID.String())), Part{cells(w.Text("paper_keep"))})
	d.Code = s.ID.String()
	return d
}

// sold are the lines of what was paid for.
func (s Slip) sold(w *words.Words) (part Part) {
	if len(s.Prices) > 0 {
		part = append(part, cells(w.Text("paper_price"), w.Text("paper_quantity"), w.Text("paper_amount")))
	}
	for _, l := range s.Prices {
		price := money(l.PriceFen)
		if l.Name != "" {
			price = l.Name + " " + price
		}
		part = append(part, cells(price, vending.FormatAmount(l.Credit), money(l.CostFen)))
	}
	for _, l := range s.Fees {
		part = append(part, pair(l.Name, money(l.Fen)))
	}
	return part
}

// part calls the amounts.
func (p Paid) part(w *words.Words) Part {
	return some(
		strong(w.Text("paper_due"), money(p.DueFen)),
		cells(Capitals(p.DueFen)),
		pair(w.Text("paper_means"), p.Means),
		pair(w.Text("paper_tendered"), money(p.TenderedFen)),
		pair(w.Text("paper_change"), money(p.ChangeFen)),
	)
}
