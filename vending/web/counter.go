package web

import (
	"net/http"
	"net/url"

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

// atCounter is the counter page: the till and its reader, the card, and the id of
// the next sale. The id is made with the page, so that a form sent twice is one sale.
type atCounter struct {
	Till, Reader string
	View         *counter.View
	SaleID       uuid.UUID
}

// atEnd is the page of a purchase. Again says that it had ended before this
// request: a browser's "back" shows the old form with the old id, and who sends
// it anew must not take that for another sale.
type atEnd struct {
	vending.Purchase
	Again bool
}

func (s *Server) counter(w http.ResponseWriter, r *http.Request) {
	s.renderCounter(w, r, nil)
}

// renderCounter shows the card that is in the reader now, and why the last
// request was refused.
func (s *Server) renderCounter(w http.ResponseWriter, r *http.Request, refused error) {
	data := atCounter{Till: till(r), SaleID: uuid.Must(uuid.NewV7())}
	seat, err := s.stations.At(r.Context(), data.Till)
	var view counter.View
	if err == nil {
		view, err = seat.Look(r.Context())
		data.Reader = seat.Reader
	}
	if err == nil {
		data.View = &view
	} else if _, code, _ := words.Explain(err); code == "no_card" {
		err = nil // between two customers: the page asks for a card
	}
	if refused != nil {
		err = refused
	}
	s.render(w, r, "counter.html", data, err)
}

func (s *Server) topUp(w http.ResponseWriter, r *http.Request) {
	req := counter.TopUpRequest{Payment: vending.Payment{Means: vending.Cash}, Till: till(r), Card: r.PostFormValue("card")}
	var err error
	if req.ID, err = uuid.Parse(r.PostFormValue("id")); err != nil || req.ID == uuid.Nil {
		s.renderCounter(w, r, vending.ErrIDInvalid.With("ID", r.PostFormValue("id")))
		return
	}
	if req.MoneyFen, err = vending.ParseYuan(r.PostFormValue("amount")); err != nil {
		s.renderCounter(w, r, err)
		return
	}
	seat, err := s.stations.At(r.Context(), req.Till)
	if err != nil {
		s.renderCounter(w, r, err)
		return
	}
	done, err := seat.TopUp(r.Context(), req)
	s.ended(w, r, done, err)
}

func (s *Server) resume(w http.ResponseWriter, r *http.Request) {
	seat, err := s.stations.At(r.Context(), till(r))
	if err != nil {
		s.renderCounter(w, r, err)
		return
	}
	done, err := seat.Resume(r.Context())
	s.ended(w, r, done, err)
}

func (s *Server) ended(w http.ResponseWriter, r *http.Request, done counter.Outcome, err error) {
	if err != nil {
		s.renderCounter(w, r, err)
		return
	}
	page := base(r) + "/purchase/" + done.Purchase.ID.String()
	if done.Repeated {
		page += "?again"
	}
	http.Redirect(w, r, page, http.StatusSeeOther)
}

func (s *Server) purchase(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		s.render(w, r, "purchase.html", nil, vending.ErrNoPurchase)
		return
	}
	seat, err := s.stations.At(r.Context(), till(r))
	var p vending.Purchase
	if err == nil {
		p, err = seat.Purchase(r.Context(), id)
	}
	if err != nil {
		s.render(w, r, "purchase.html", nil, err)
		return
	}
	s.render(w, r, "purchase.html", atEnd{p, r.URL.Query().Has("again")}, nil)
}
