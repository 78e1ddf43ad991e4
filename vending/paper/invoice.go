package paper

import (
	"strconv"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/words"
)

// Party is one side of an invoice.
type Party struct {
	Name, TaxNumber, Address, Bank string
}

// InvoiceLine is one kind of goods. NetFen and VATFen are below zero on a red
// invoice.
type InvoiceLine struct {
	Name     string
	Quantity ledger.Amount // N = 0 where it is not counted
	NetFen   int64
	RateBP   int64 // VAT in basis points: 900 is 9 %
	VATFen   int64
}

// Invoice is 发票, given in exchange for a slip (RULES B6). Of names the
// invoice that a red one takes back.
type Invoice struct {
	Head
	VAT    bool // a VAT invoice 增值税发票, else an ordinary one
	Buyer  Party
	Seller Party
	Lines  []InvoiceLine
	Slip   string // the number of the slip that was taken back
	Of     string // red invoice 红字发票: the number of the one it takes back
	Why    string // and the reason
	Drawn  string // who made it out; the cashier takes the money
}

// Document is the invoice in a language. It fails with ledger.ErrOverflow
// where its lines sum to more than 64 bits.
func (i Invoice) Document(w *words.Words) (Document, error) {
	net, vat := ledger.Fen(0), ledger.Fen(0)
	table := Part{cells(w.Text("paper_goods"), w.Text("paper_quantity"), w.Text("paper_net"), w.Text("paper_rate"), w.Text("paper_vat"))}
	for _, l := range i.Lines {
		quantity := ""
		if l.Quantity.N != 0 {
			quantity = vending.FormatAmount(l.Quantity)
		}
		table = append(table, cells(l.Name, quantity, money(l.NetFen), rate(l.RateBP), money(l.VATFen)))
		var err error
		if net, err = net.Add(ledger.Fen(l.NetFen)); err != nil {
			return Document{}, err
		}
		if vat, err = vat.Add(ledger.Fen(l.VATFen)); err != nil {
			return Document{}, err
		}
	}
	total, err := net.Add(vat)
	if err != nil {
		return Document{}, err
	}
	d := i.document(w, i.title(w))
	buyer, seller := i.Buyer.part(w, w.Text("paper_buyer")), i.Seller.part(w, w.Text("paper_seller"))
	sums := Part{
		pair(w.Text("paper_net"), money(net.N)),
		pair(w.Text("paper_vat"), money(vat.N)),
		strong(w.Text("paper_total"), money(total.N)),
		strong(w.Text("paper_in_words"), Capitals(total.N)),
	}
	foot := some(
		pair(w.Text("paper_red_of"), i.Of),
		pair(w.Text("paper_reason"), i.Why),
		pair(w.Text("paper_slip_taken"), i.Slip),
	)
	d.Parts = append(d.Parts, buyer, table, sums, seller)
	d.Parts = append(d.Parts, append(foot, append(i.who(w), some(pair(w.Text("paper_drawn"), i.Drawn))...)...))
	return d, nil
}

func (i Invoice) title(w *words.Words) string {
	switch {
	case i.Of != "" && i.VAT:
		return w.Text("paper_red_vat_invoice")
	case i.Of != "":
		return w.Text("paper_red_invoice")
	case i.VAT:
		return w.Text("paper_vat_invoice")
	}
	return w.Text("paper_invoice")
}

func (p Party) part(w *words.Words, name string) Part {
	return some(
		pair(name, p.Name),
		pair(w.Text("paper_tax_number"), p.TaxNumber),
		pair(w.Text("paper_address"), p.Address),
		pair(w.Text("paper_bank"), p.Bank),
	)
}

// rate shows basis points: 900 is 9%, 1350 is 13.5%.
func rate(bp int64) string {
	whole := strconv.FormatInt(bp/100, 10)
	switch {
	case bp%100 == 0:
		return whole + "%"
	case bp%10 == 0:
		return whole + "." + strconv.FormatInt(bp%100/10, 10) + "%"
	}
	return whole + "." + strconv.FormatInt(100+bp%100, 10)[1:] + "%"
}
