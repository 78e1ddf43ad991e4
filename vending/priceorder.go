package vending

import (
	"slices"
	"time"
)

// OrderState is how far a new price has come on its way to a meter that counts
// money. Such a meter charges what it holds, whatever the price list says.
type OrderState string

// The states of a price order.
const (
	OrderScheduled OrderState = "scheduled" // to be sent by card or wire
	OrderSent      OrderState = "sent"      // may be in the meter, or not
	OrderConfirmed OrderState = "confirmed" // the meter says that it charges this price
	OrderWithdrawn OrderState = "withdrawn" // another took its place before it was sent
)

// OrderEvent is what happens to a price order.
type OrderEvent string

// What can happen. Sending again what was sent is no news.
const (
	OrderGoesOut  OrderEvent = "goes out"
	OrderProved   OrderEvent = "proved in meter"
	OrderRefused  OrderEvent = "refused by meter"
	OrderUnheard  OrderEvent = "nothing heard"
	OrderReplaced OrderEvent = "replaced"
)

// orderTransitions is the whole life of a price order. One that was sent cannot be
// withdrawn: the meter may hold it, so it counts until the meter confirms another.
var orderTransitions = map[OrderState]map[OrderEvent]OrderState{
	OrderScheduled: {
		OrderGoesOut:  OrderSent,
		OrderProved:   OrderConfirmed, // set by hand at the meter, and seen there
		OrderReplaced: OrderWithdrawn,
	},
	OrderSent: {
		OrderGoesOut: OrderSent,
		OrderProved:  OrderConfirmed,
		OrderRefused: OrderScheduled,
		OrderUnheard: OrderSent,
	},
	OrderConfirmed: {
		OrderProved:  OrderConfirmed,
		OrderRefused: OrderScheduled, // it charges another price now: somebody has reset it
	},
}

// Next is the state after an event; false where it cannot happen.
func (s OrderState) Next(e OrderEvent) (OrderState, bool) {
	next, ok := orderTransitions[s][e]
	return next, ok
}

// PriceOrder is a new price on its way to one meter that counts money.
type PriceOrder struct {
	Customer  int64
	Meter     string
	Tariff    string    // code of the price list
	From      time.Time // the version that is to be charged
	State     OrderState
	Confirmed time.Time // zero until the meter confirmed
}

// What is refused about price orders.
var (
	ErrNoPriceOrder  = &Error{Kind: NotFound, Code: "no_price_order"}
	ErrOrderEvent    = &Error{Kind: NotAllowed, Code: "price_order_event"}
	ErrPriceRoom     = &Error{Kind: NotAllowed, Code: "price_room"}
	ErrPriceLine     = &Error{Kind: NotAllowed, Code: "price_line"}
	ErrPriceUnknown  = &Error{Kind: NotAllowed, Code: "price_unknown"}
	ErrNotMoneyMeter = &Error{Kind: NotAllowed, Code: "meter_counts_no_money"}
)

// Is says whether the order is of a version of a price list.
func (o PriceOrder) Is(t Tariff) bool { return o.Tariff == t.Code && o.From.Equal(t.From) }

// Saying finds the version whose prices a meter says that it charges: of several alike the
// last, among those that were ordered or are in force at an instant. It may be a price that was set by hand.
func (v Versions) Saying(tiers []Tier, orders []PriceOrder, at time.Time) (Tariff, bool) {
	for _, t := range slices.Backward(v) {
		known := !at.Before(t.From) || slices.ContainsFunc(orders, func(o PriceOrder) bool { return o.Is(t) })
		if known && slices.Equal(t.Tiers, tiers) {
			return t, true
		}
	}
	return Tariff{}, false
}

// MeterCharges is the version that a meter is known to charge: the one that it
// confirmed last. A price that is only scheduled or sent does not count. false
// where it has confirmed none. Uncertain are the orders that it may hold too.
func MeterCharges(orders []PriceOrder) (charges PriceOrder, known bool, uncertain []PriceOrder) {
	for _, o := range orders {
		if o.State == OrderConfirmed && (!known || o.Confirmed.After(charges.Confirmed)) {
			charges, known = o, true
		}
	}
	for _, o := range orders {
		if o.State == OrderSent && o.From.After(charges.From) {
			uncertain = append(uncertain, o)
		}
	}
	slices.SortFunc(uncertain, func(a, b PriceOrder) int { return a.From.Compare(b.From) })
	return charges, known, uncertain
}
