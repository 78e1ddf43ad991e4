package cardio

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

// lastSecond is the last one of the year 9999, and of RFC 3339. A layout may have room for later ones, databases and
// JSON have not. A meter's clock that shows one is broken, which is no reason to know nothing of its registers.
const lastSecond = 253_402_300_799

// ruleOf is the load rule of a layout.
func ruleOf(l *cardfile.Layout) LoadRule {
	for _, r := range [...]LoadRule{ByCounter, Cumulative, ByHistory, ByBalance} {
		if r.String() == l.Rule() {
			return r
		}
	}
	return 0
}

// unitOf is what a layout counts, where no card says it.
func unitOf(l *cardfile.Layout) Unit {
	switch l.Unit() {
	case "watt-hour":
		return WattHour
	case "fen":
		return Fen
	default:
		return Litre
	}
}

// identityOf reads the values of an identity. A card whose chip has no serial number and whose layout has no place
// for one is known by its layout and number.
func (c *Card) identityOf(v cardfile.Values) Identity {
	id := Identity{
		UID: c.uid, Utility: uint32(v.Int(cardfile.Utility)), Number: v.Text(cardfile.Number), Meter: v.Text(cardfile.Meter),
		KeyVersion: uint8(v.Int(cardfile.KeyVersion)), Unit: Unit(v.Int(cardfile.Unit)),
	}
	if id.Unit == 0 {
		id.Unit = unitOf(c.layout)
	}
	switch held := c.layout.Holds(cardfile.UID); {
	case held:
		b, _ := hex.DecodeString(v.Text(cardfile.UID))
		copy(id.UID[:], b)
	case c.uid == UID{}:
		sum := sha256.Sum256([]byte(c.layout.Name() + "\x00" + id.Number))
		copy(id.UID[:], sum[:])
	}
	return id
}

// purseOf reads the values of a purse, and says which of them the layout has no place for.
func purseOf(l *cardfile.Layout, v cardfile.Values) Purse {
	p := Purse{
		Generation: uint32(v.Int(cardfile.Generation)), Count: uint32(v.Int(cardfile.Count)), Credit: v.Int(cardfile.Credit),
		Total: v.Int(cardfile.Total), Balance: v.Int(cardfile.Balance), Before: [2]int64{v.Int(cardfile.Credit1), v.Int(cardfile.Credit2)},
	}
	if id, err := uuid.Parse(v.Text(cardfile.Purchase)); err == nil {
		p.Purchase = id
	}
	for i, name := range [...]string{cardfile.Purchase, cardfile.Count, cardfile.Credit, cardfile.Total} {
		if !l.Holds(name) {
			p.Lacks |= 1 << i
		}
	}
	return p
}

// writeBackOf reads what the meter said of itself.
func writeBackOf(l *cardfile.Layout, v cardfile.Values) *WriteBack {
	w := &WriteBack{
		Sequence: uint32(v.Int(cardfile.BackSequence)), Count: uint32(v.Int(cardfile.BackCount)), Loaded: v.Int(cardfile.BackLoaded),
		Remaining: v.Int(cardfile.BackRemaining), Consumed: v.Int(cardfile.BackConsumed),
		ValveOpen: v.Int(cardfile.BackValveOpen) != 0, BatteryLow: v.Int(cardfile.BackBatteryLow) != 0, Tamper: uint8(v.Int(cardfile.BackTamper)),
	}
	for i := range w.MonthEnd {
		w.MonthEnd[i] = v.Int(fmt.Sprintf("%s.%d", cardfile.BackMonthEnd, i))
	}
	if at := v.Int(cardfile.BackTime); at != 0 {
		w.MeterTime = time.Unix(min(at, lastSecond), 0).UTC()
	}
	w.Resolution = max(l.Scale(cardfile.BackLoaded), l.Scale(cardfile.BackRemaining), l.Scale(cardfile.BackConsumed))
	if !l.Holds(cardfile.BackLoaded) {
		w.Lacks |= LacksLoaded
	}
	if !l.Holds(cardfile.BackConsumed) {
		w.Lacks |= LacksConsumed
	}
	return w
}

// orderOf is an order as a layout takes it.
func orderOf(o Order) cardfile.Order {
	return cardfile.Order{Count: int64(o.Count), Credit: o.shown(), Change: o.Credit, Total: o.Total, Purchase: hexOf(o.Purchase), Prices: o.Prices.Steps()}
}

func hexOf(id uuid.UUID) string { return strings.ReplaceAll(id.String(), "-", "") }

// newValues are those of a new card: what stands for the purchases that the meter may not have taken, and no purchase
// otherwise.
func (c *Card) newValues(n NewCard, uid UID) cardfile.Values {
	v := cardfile.Values{
		cardfile.Utility: int64(c.terminal.Utility), cardfile.UID: hex.EncodeToString(uid[:]), cardfile.Number: n.Number,
		cardfile.Meter: n.Meter, cardfile.KeyVersion: int64(c.terminal.Keys.Current()), cardfile.Unit: int64(n.Unit),
		cardfile.Count: int64(n.Count), cardfile.Total: n.Total,
	}
	for i, name := range [...]string{cardfile.Credit, cardfile.Credit1, cardfile.Credit2} {
		if i < len(n.Last) {
			v[name] = n.Last[i].shown()
		}
	}
	if len(n.Last) > 0 {
		v[cardfile.Purchase] = hexOf(n.Last[0].Purchase)
	}
	return v
}
