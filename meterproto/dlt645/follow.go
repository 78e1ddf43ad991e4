package dlt645

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// MaxAssembled is the longest answer that is put together from parts.
const MaxAssembled = 8 << 10

// maxParts is what the sequence can count.
const maxParts = 255

// Why parts make no answer.
var (
	// ErrSequence: another part than the next; ask for the next one again.
	ErrSequence = errors.New("another follow-up frame than was asked for")
	// ErrTooLong: the parts never end.
	ErrTooLong = errors.New("the answer has more than 8192 bytes or 255 parts")
)

// FollowUp asks for the next part of an answer (C = 12, 1997: 02). Repeated with
// the same Sequence it asks for the same part.
type FollowUp struct {
	DI       DI
	Sequence uint8 // 1 for the first that follows; 1997 meters have none, and send the next
}

// Frame is the request to meter a.
func (r FollowUp) Frame(a Address) Frame {
	if r.DI.Edition == Of1997 {
		return Frame{Address: a, Control: ReadMore97, Data: r.DI.appendTo(nil)}
	}
	return Frame{Address: a, Control: ReadMore, Data: append(r.DI.appendTo(nil), r.Sequence)}
}

// DecodeFollowUp reads a request that FollowUp.Frame made. It fails with
// ErrMalformed where the frame is anything else.
func DecodeFollowUp(f Frame) (r FollowUp, err error) {
	edition, ok := readEdition(f.Control, ReadMore97, ReadMore)
	if !ok || len(f.Data) != followUpSize(edition) {
		return FollowUp{}, malformed(f, "follow-up request")
	}
	r.DI, f.Data, err = cutDI(edition, f.Data)
	if edition == Of2007 {
		r.Sequence = f.Data[0]
	}
	return r, err
}

func followUpSize(e Edition) int {
	if e == Of1997 {
		return diSize97
	}
	return diSize + 1
}

// Part is a part of an answer that follows the first (C = 92, B2 where more
// follow; 1997: 82, A2).
type Part struct {
	DI       DI
	Values   []byte
	Sequence uint8 // that of the request; none in 1997
	More     bool
}

// Frame is the part as meter a sends it.
func (p Part) Frame(a Address) Frame {
	f := Frame{Address: a, Control: ReadMore97.Reply(), Data: append(p.DI.appendTo(nil), p.Values...)}
	if p.DI.Edition != Of1997 {
		f.Control, f.Data = ReadMore.Reply(), append(f.Data, p.Sequence)
	}
	if p.More {
		f.Control |= moreFollows
	}
	return f
}

// DecodePart reads the answer to a follow-up request. Its Values are a part of
// f.Data. Errors as DecodeReply.
func DecodePart(f Frame) (p Part, err error) {
	if err := Refused(f); err != nil {
		return Part{}, err
	}
	edition, ok := readEdition(f.Control&^moreFollows, ReadMore97.Reply(), ReadMore.Reply())
	if !ok || len(f.Data) < followUpSize(edition) {
		return Part{}, malformed(f, "follow-up frame")
	}
	p.More = f.Control.MoreFollows()
	p.DI, p.Values, err = cutDI(edition, f.Data)
	if edition == Of2007 {
		last := len(p.Values) - 1
		p.Values, p.Sequence = p.Values[:last], p.Values[last]
	}
	return p, err
}

// Assembly puts a long answer together: the first reply, then the parts that
// follow it, each asked for with Next.
type Assembly struct {
	reply Reply
	parts int
}

// Assemble begins with the first reply, whose values are copied.
func Assemble(first Reply) *Assembly {
	first.Values = append([]byte(nil), first.Values...)
	return &Assembly{reply: first}
}

// Next is the request for the next part; ok is false where the answer is whole.
func (a *Assembly) Next() (r FollowUp, ok bool) {
	r.DI = a.reply.DI
	if r.DI.Edition != Of1997 {
		r.Sequence = uint8(a.parts + 1)
	}
	return r, a.reply.More
}

// Add takes the part that Next asked for. Errors: ErrSequence where it is another
// one, meterproto.ErrStale where it is of another answer, ErrTooLong. The answer
// is then as it was.
func (a *Assembly) Add(p Part) error {
	next, more := a.Next()
	switch {
	case p.DI != next.DI:
		return fmt.Errorf("%w: a part of %v, want %v", meterproto.ErrStale, p.DI, next.DI)
	case !more || p.Sequence != next.Sequence:
		return fmt.Errorf("%w: number %d, want %d", ErrSequence, p.Sequence, next.Sequence)
	case len(a.reply.Values)+len(p.Values) > MaxAssembled, a.parts == maxParts:
		return ErrTooLong
	}
	a.reply.Values = append(a.reply.Values, p.Values...)
	a.reply.More = p.More
	a.parts++
	return nil
}

// Reply is the answer as far as it has come; More is false where it is whole.
func (a *Assembly) Reply() Reply { return a.reply }
