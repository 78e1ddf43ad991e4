package ledger

import (
	"fmt"
	"strconv"
	"strings"
)

// Class is the kind of an account.
type Class string

// The chart of accounts (DESIGN.md §2). prepaid is ours: see DESIGN.md here.
const (
	ClassTill       Class = "till"       // what one shift holds: cash in its drawer, and other means of payment
	ClassSafe       Class = "safe"       // a hall's safe (RULES B7)
	ClassBank       Class = "bank"       // a bank account of the company
	ClassAgent      Class = "agent"      // what an agent has collected and owes us (RULES B3)
	ClassOpening    Class = "opening"    // where balances taken over from an older system come from
	ClassAdvance    Class = "advance"    // a customer's money not yet turned into credit (预收款)
	ClassPrepaid    Class = "prepaid"    // money for credit sold and not yet consumed (IC卡预收款, RULES C6)
	ClassDeposit    Class = "deposit"    // a customer's money held as security
	ClassDebt       Class = "debt"       // what a customer owes: never above zero (RULES B2, B11)
	ClassRevenue    Class = "revenue"    // earned, without VAT; of a use class or a kind of charge
	ClassVAT        Class = "vat"        // vat:output
	ClassDifference Class = "difference" // what a till counted over or short (RULES B7)
	ClassSold       Class = "sold"       // where credit comes from
	ClassCard       Class = "card"       // credit on a card that its meter has not taken
	ClassMeter      Class = "meter"      // credit in a meter that is not burnt
	ClassConsumed   Class = "consumed"   // what a meter has burnt
)

// nature says how a class behaves in the book.
type nature struct {
	// owned: a row of balances is kept, under the customer. The balance of any
	// other account is summed over its transfers, so that no row is shared by
	// two customers' top-ups.
	owned bool
	// bounded: what is taken out, pending included, never exceeds what was put
	// in. This is what makes "no card holds credit that was not paid for" a
	// constraint of the database. A meter is not bounded: what it says it burnt
	// is a fact, and a difference is for reconciliation to show.
	bounded bool
	// owing: what is put in, pending included, never exceeds what was taken out.
	// Nobody pays more debt than there is.
	owing bool
}

var chart = map[Class]nature{
	ClassTill:       {},
	ClassSafe:       {},
	ClassBank:       {},
	ClassAgent:      {},
	ClassOpening:    {},
	ClassRevenue:    {},
	ClassVAT:        {},
	ClassDifference: {},
	ClassSold:       {},
	ClassAdvance:    {owned: true, bounded: true},
	ClassPrepaid:    {owned: true, bounded: true},
	ClassDeposit:    {owned: true, bounded: true},
	ClassDebt:       {owned: true, owing: true},
	ClassCard:       {owned: true, bounded: true},
	ClassMeter:      {owned: true},
	ClassConsumed:   {owned: true, bounded: true},
}

// classes lists, sorted, the classes whose nature satisfies want.
func classes(want func(nature) bool) []string {
	var names []string
	for class, n := range chart {
		if want(n) {
			names = append(names, string(class))
		}
	}
	return names
}

// Account is one account of the chart, as "card:8100000001".
type Account struct {
	Class Class
	Of    string
}

// Sold is the source of all credit.
var Sold = Account{ClassSold, "all"}

// Output is the VAT on what was sold.
var Output = Account{ClassVAT, "output"}

// Opening is where balances taken over from an older system come from.
var Opening = Account{ClassOpening, "all"}

// Till is what a shift holds, as till:1-17 for the 17th shift of till 1.
func Till(shift string) Account { return Account{ClassTill, shift} }

// Safe is a hall's safe.
func Safe(hall string) Account { return Account{ClassSafe, hall} }

// Bank is a bank account of the company.
func Bank(account string) Account { return Account{ClassBank, account} }

// Agent is what an agent has collected and owes us.
func Agent(agent string) Account { return Account{ClassAgent, agent} }

// Revenue is what was earned, without VAT, by use class or kind of charge.
func Revenue(of string) Account { return Account{ClassRevenue, of} }

// Difference is what a till counted over (credit) or short (debit).
func Difference(till string) Account { return Account{ClassDifference, till} }

// Deposit is a customer's security.
func Deposit(customer int64) Account { return Account{ClassDeposit, strconv.FormatInt(customer, 10)} }

// Debt is what a customer owes.
func Debt(customer int64) Account { return Account{ClassDebt, strconv.FormatInt(customer, 10)} }

// Advance is the free money of a customer.
func Advance(customer int64) Account { return Account{ClassAdvance, strconv.FormatInt(customer, 10)} }

// Prepaid is a customer's money that has become credit.
func Prepaid(customer int64) Account { return Account{ClassPrepaid, strconv.FormatInt(customer, 10)} }

// Card is the credit on a card.
func Card(number string) Account { return Account{ClassCard, number} }

// Meter is the credit in a meter.
func Meter(number string) Account { return Account{ClassMeter, number} }

// Consumed is what a meter has burnt.
func Consumed(meter string) Account { return Account{ClassConsumed, meter} }

func (a Account) String() string { return string(a.Class) + ":" + a.Of }

// ParseAccount reads "class:of". The class must be one of the chart.
func ParseAccount(s string) (Account, error) {
	class, of, ok := strings.Cut(s, ":")
	if _, known := chart[Class(class)]; !ok || !known || of == "" {
		return Account{}, fmt.Errorf("%q is not an account: want class:name, as card:8100000001", s)
	}
	return Account{Class(class), of}, nil
}
