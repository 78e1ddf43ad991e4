package reader

// Kind is what a Monitor saw.
type Kind uint8

// The kinds of Event.
const (
	Inserted    Kind = iota + 1 // a card is in the reader
	Removed                     // the card, the reader or the service went away
	ServiceLost                 // there is no service to ask; Event.Reader is empty
	ServiceBack                 // there is one again; Event.Reader is empty
)

// Event is one change that a Monitor saw.
type Event struct {
	Kind   Kind
	Reader string // its PC/SC name
	// Insertion numbers the cards that this Monitor saw in this reader, from 1.
	// The same number means the same card, never taken out in between.
	Insertion uint64
}
