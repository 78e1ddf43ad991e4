package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/words"
)

// firstTill is the one whose pages are at the top.
const firstTill = "1"

// till is the one that a request is about: its cash goes there.
func till(r *http.Request) string {
	if t := r.PathValue("till"); t != "" {
		return t
	}
	return firstTill
}

// base is where the pages of that till are.
func base(r *http.Request) string {
	if t := r.PathValue("till"); t != "" {
		return "/till/" + url.PathEscape(t)
	}
	return ""
}

// atCounter is the counter page: the till, the card, and the id of the next sale. The id
// is made with the page, so that a form sent twice is one sale.
type atCounter struct {
	View   *counter.View
	SaleID uuid.UUID
	Till   atTill
}

// Means are those of the form, the usual one first.
func (atCounter) Means() []vending.Means {
	return append(slices.Clone(vending.AllMeans), vending.FromAdvance)
}

// atEnd is the page of a purchase. Again says that it had ended before this
// request: a browser's "back" shows the old form with the old id, and who sends
// it anew must not take that for another sale.
type atEnd struct {
	vending.Purchase
	Again bool
}

// seated finds the station of the request's till first; where there is none, it says so.
func (s *Server) seated(do func(http.ResponseWriter, *http.Request, Seat)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		seat, err := s.stations.At(r.Context(), till(r))
		if err != nil {
			s.render(w, r, "counter.html", atCounter{Till: atTill{Name: till(r)}}, err)
			return
		}
		do(w, r, seat)
	}
}

func (s *Server) counter(w http.ResponseWriter, r *http.Request, seat Seat) {
	s.renderCounter(w, r, seat, nil)
}

// renderCounter shows the till's shift, the card that is in its reader now, and why the
// last request was refused.
func (s *Server) renderCounter(w http.ResponseWriter, r *http.Request, seat Seat, refused error) {
	data, err := counterOf(r, seat)
	if refused != nil {
		err = refused
	}
	s.render(w, r, "counter.html", data, err)
}

// counterOf is the counter page as it is now, with what is wrong at it.
func counterOf(r *http.Request, seat Seat) (atCounter, error) {
	data := atCounter{SaleID: uuid.Must(uuid.NewV7())}
	view, err := seat.Look(r.Context())
	if err == nil {
		data.View = &view
	} else if _, code, _ := words.Explain(err); code == "no_card" {
		err = nil // between two customers: the page asks for a card
	}
	var noTill error
	if data.Till, noTill = readTill(r.Context(), seat); err == nil {
		err = noTill
	}
	return data, err
}

func (s *Server) topUp(w http.ResponseWriter, r *http.Request, seat Seat) {
	req := counter.TopUpRequest{Payment: payment(r), Till: seat.Till, Card: r.PostFormValue("card")}
	var err error
	if req.ID, err = formID(r); err != nil {
		s.renderCounter(w, r, seat, err)
		return
	}
	if req.MoneyFen, err = vending.ParseYuan(r.PostFormValue("amount")); err != nil {
		s.renderCounter(w, r, seat, err)
		return
	}
	done, err := seat.TopUp(r.Context(), req)
	s.ended(w, r, seat, done, err)
}

// payment is how the clerk was paid: by cash, unless the form says something else.
func payment(r *http.Request) vending.Payment {
	p := vending.Payment{Means: vending.Means(r.PostFormValue("pay")), Bank: strings.TrimSpace(r.PostFormValue("bank")),
		Reference: strings.TrimSpace(r.PostFormValue("reference"))}
	if p.Means == "" {
		p.Means = vending.Cash
	}
	return p
}

func (s *Server) resume(w http.ResponseWriter, r *http.Request, seat Seat) {
	done, err := seat.Resume(r.Context())
	s.ended(w, r, seat, done, err)
}

func (s *Server) ended(w http.ResponseWriter, r *http.Request, seat Seat, done counter.Outcome, err error) {
	if err != nil {
		s.renderCounter(w, r, seat, err)
		return
	}
	page := base(r) + "/purchase/" + done.Purchase.ID.String()
	if done.Repeated {
		page += "?again"
	}
	http.Redirect(w, r, page, http.StatusSeeOther)
}

func (s *Server) purchase(w http.ResponseWriter, r *http.Request, seat Seat) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		s.render(w, r, "purchase.html", nil, vending.ErrNoPurchase)
		return
	}
	p, err := seat.Purchase(r.Context(), id)
	if err != nil {
		s.render(w, r, "purchase.html", nil, err)
		return
	}
	s.render(w, r, "purchase.html", atEnd{p, r.URL.Query().Has("again")}, nil)
}
