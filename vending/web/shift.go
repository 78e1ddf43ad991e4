package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// Shifts is what the page needs of the shifts of its till (RULES B7).
type Shifts interface {
	// ShiftAt is the shift of a till that is not closed, or vending.ErrNoOpenShift.
	ShiftAt(ctx context.Context, till string) (vending.Shift, error)
	Shift(ctx context.Context, number string) (vending.Shift, error)
	OpenShift(context.Context, uuid.UUID, counter.ShiftOpening) (vending.Shift, error)
	CloseShift(ctx context.Context, deed uuid.UUID, number string, c vending.Closing) (vending.Shift, error)
}

// mainPlace is the safe, and the bank account, of a company that has one of each.
const mainPlace = "main"

func (s *station) ShiftAt(ctx context.Context, till string) (vending.Shift, error) {
	return s.desk.Store.ShiftAt(ctx, till)
}

func (s *station) Shift(ctx context.Context, number string) (vending.Shift, error) {
	return s.desk.Store.Shift(ctx, number)
}

func (s *station) OpenShift(ctx context.Context, deed uuid.UUID, req counter.ShiftOpening) (vending.Shift, error) {
	shift, _, err := s.desk.OpenShift(ctx, vending.Deed{ID: deed, By: s.desk.By}, req)
	return shift, err
}

func (s *station) CloseShift(ctx context.Context, deed uuid.UUID, number string, c vending.Closing) (vending.Shift, error) {
	shift, _, err := s.desk.CloseShift(ctx, vending.Deed{ID: deed, By: s.desk.By}, number, c)
	return shift, err
}

// atTill is the till's part of the counter page: its reader, its shift, or that there is
// none. The id of what is done with it is made with the page.
type atTill struct {
	Name, Reader string
	Shift        *vending.Shift
	NoShift      bool
	DeedID       uuid.UUID
	typed        url.Values // into a form that was refused
}

// Typed is what the clerk had typed into a field of the form for closing.
func (a atTill) Typed(field string) string { return a.typed.Get(field) }

// Closing says whether the form for closing stands open: the drawer is being counted.
func (a atTill) Closing() bool { return !a.Sells() || a.typed != nil }

// Sells says whether the shift takes money.
func (a atTill) Sells() bool { return a.Shift != nil && a.Shift.State == vending.ShiftOpen }

func readTill(ctx context.Context, seat Seat) (atTill, error) {
	a := atTill{Name: seat.Till, Reader: seat.Reader, DeedID: uuid.Must(uuid.NewV7())}
	shift, err := seat.ShiftAt(ctx, seat.Till)
	if errors.Is(err, vending.ErrNoOpenShift) {
		a.NoShift = true
		return a, nil
	}
	if err == nil {
		a.Shift = &shift
	}
	return a, err
}

func (s *Server) openShift(w http.ResponseWriter, r *http.Request, seat Seat) {
	id, err := formID(r)
	if err != nil {
		s.renderCounter(w, r, seat, err)
		return
	}
	req := counter.ShiftOpening{Till: seat.Till, Safe: mainPlace}
	if req.FloatFen, err = yuanOr0(r.PostFormValue("float")); err != nil {
		s.renderCounter(w, r, seat, err)
		return
	}
	if _, err := seat.OpenShift(r.Context(), id, req); err != nil {
		s.renderCounter(w, r, seat, err)
		return
	}
	http.Redirect(w, r, base(r)+"/", http.StatusSeeOther)
}

func (s *Server) closeShift(w http.ResponseWriter, r *http.Request, seat Seat) {
	id, err := formID(r)
	if err != nil {
		s.closeRefused(w, r, seat, err)
		return
	}
	c := vending.Closing{Bank: mainPlace, Safe: mainPlace, Reason: r.PostFormValue("reason")}
	if c.Count, err = countOf(r); err != nil {
		s.closeRefused(w, r, seat, err)
		return
	}
	if c.BankFen, err = yuanOr0(r.PostFormValue("deposit")); err != nil {
		s.closeRefused(w, r, seat, err)
		return
	}
	shift, err := seat.CloseShift(r.Context(), id, r.PostFormValue("shift"), c)
	if err != nil {
		s.closeRefused(w, r, seat, err)
		return
	}
	http.Redirect(w, r, base(r)+"/shift/"+shift.Number(), http.StatusSeeOther)
}

// closeRefused shows the counter page with the count as it was typed: an empty form sent again would book
// the whole drawer as short. The count of one shift is not offered for another.
func (s *Server) closeRefused(w http.ResponseWriter, r *http.Request, seat Seat, refused error) {
	data, _ := counterOf(r, seat) // why it was refused comes first
	if shift := data.Till.Shift; shift != nil && shift.Number() == r.PostFormValue("shift") {
		data.Till.typed = r.PostForm
	}
	s.render(w, r, "counter.html", data, refused)
}

// shift is the page of a shift that was closed. Of one that is not, it says nothing: the
// count is blind.
func (s *Server) shift(w http.ResponseWriter, r *http.Request, seat Seat) {
	shift, err := seat.Shift(r.Context(), r.PathValue("number"))
	if err == nil && shift.State != vending.ShiftClosed {
		err = vending.ErrNoShift.With("Shift", r.PathValue("number"))
	}
	if err != nil {
		s.render(w, r, "shift.html", nil, err)
		return
	}
	s.render(w, r, "shift.html", shift, nil)
}

// formID is the id that came with the page.
func formID(r *http.Request) (uuid.UUID, error) {
	id, err := uuid.Parse(r.PostFormValue("id"))
	if err != nil || id == uuid.Nil {
		return id, vending.ErrIDInvalid.With("ID", r.PostFormValue("id"))
	}
	return id, nil
}

func yuanOr0(text string) (int64, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	return vending.ParseYuan(text)
}

// countOf reads the pieces of each denomination; what was left empty is none.
func countOf(r *http.Request) (vending.Count, error) {
	count := vending.Count{}
	for _, fen := range vending.Denominations {
		text := strings.TrimSpace(r.PostFormValue("n" + strconv.FormatInt(fen, 10)))
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return nil, vending.ErrCountInvalid.With("Part", vending.FormatYuan(fen)+"x"+text)
		}
		count[fen] = n
	}
	return count, nil
}
