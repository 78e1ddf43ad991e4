package paper

import (
	"time"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/words"
)

// Head is what every paper says about itself.
type Head struct {
	Company string
	Number  string // of the slip, invoice or report; may be empty
	Cashier string
	Shift   string // as 1-17
	At      time.Time
	Reprint int  // 0 for the first print, else how often it was printed again
	Void    bool // 作废: no longer good
	Copy    string
}

// document begins a document with the head's marks.
func (h Head) document(w *words.Words, title string) Document {
	d := Document{Company: h.Company, Title: title, At: h.At}
	if h.Number != "" {
		d.Number = w.Text("paper_number", "Number", h.Number)
	}
	if h.Void {
		d.Marks = append(d.Marks, w.Text("paper_void"))
	}
	if h.Reprint > 0 {
		d.Marks = append(d.Marks, w.Text("paper_reprint", "N", h.Reprint))
	}
	if h.Copy != "" {
		d.Marks = append(d.Marks, h.Copy)
	}
	return d
}

// who is the part that says who made it out, and when.
func (h Head) who(w *words.Words) Part {
	return some(
		pair(w.Text("paper_cashier"), h.Cashier),
		pair(w.Text("paper_shift"), h.Shift),
		pair(w.Text("paper_time"), clock(h.At)),
	)
}

func pair(label, value string) Row { return Row{Cells: []string{label, value}} }

func strong(cells ...string) Row { return Row{Cells: cells, Strong: true} }

func cells(cells ...string) Row { return Row{Cells: cells} }

// some leaves out the pairs without a value.
func some(rows ...Row) (part Part) {
	for _, r := range rows {
		if len(r.Cells) != 2 || r.Cells[1] != "" {
			part = append(part, r)
		}
	}
	return part
}

// money shows fen to people: ¥16,409.02.
func money(fen int64) string {
	yuan, sign := vending.FormatYuan(fen), ""
	if fen < 0 {
		yuan, sign = yuan[1:], "-"
	}
	for at := len(yuan) - len("000.00"); at > 0; at -= 3 {
		yuan = yuan[:at] + "," + yuan[at:]
	}
	return sign + "¥" + yuan
}

func clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(vending.Zone).Format("2006-01-02 15:04:05")
}
