package native

import (
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/asn1tools"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/msgtype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"
)

// mutualRequired is the AP option by which a client asks who we are (RFC 4120, 5.5.1).
const mutualRequired = flags.APOptionMutualRequired

// acceptCompleted returns the token that ends the negotiation. It holds the client's
// time, encrypted with the session's key, which only a reader of the ticket has (RFC
// 4120, 3.2.4).
func acceptCompleted(request *messages.APReq, wrapped bool) ([]byte, error) {
	// Without a key of our own; the client's number is good for both directions.
	plain, err := asn1.Marshal(struct {
		CTime time.Time `asn1:"generalized,explicit,tag:0"`
		Cusec int       `asn1:"explicit,tag:1"`
		Seq   int64     `asn1:"optional,explicit,tag:3"`
	}{request.Authenticator.CTime, request.Authenticator.Cusec, request.Authenticator.SeqNumber})
	if err != nil {
		return nil, err
	}
	plain = asn1tools.AddASNAppTag(plain, asnAppTag.EncAPRepPart)
	sealed, err := crypto.GetEncryptedData(plain, request.Ticket.DecryptedEncPart.Key, keyusage.AP_REP_ENCPART, 0)
	if err != nil {
		return nil, err
	}
	reply, err := asn1.Marshal(struct {
		PVNO    int                 `asn1:"explicit,tag:0"`
		MsgType int                 `asn1:"explicit,tag:1"`
		EncPart types.EncryptedData `asn1:"explicit,tag:2"`
	}{5, msgtype.KRB_AP_REP, sealed})
	if err != nil {
		return nil, err
	}
	mechanism, err := asn1.Marshal(gssapi.OIDKRB5.OID())
	if err != nil {
		return nil, err
	}
	// RFC 4121, 4.1: the mechanism, 02 00 for AP-REP, the message.
	token := append(append(mechanism, 2, 0), asn1tools.AddASNAppTag(reply, asnAppTag.APREP)...)
	token = asn1tools.AddASNAppTag(token, 0)
	if !wrapped {
		return token, nil
	}
	outer := spnego.NegTokenResp{NegState: asn1.Enumerated(spnego.NegStateAcceptCompleted),
		SupportedMech: gssapi.OIDKRB5.OID(), ResponseToken: token}
	return outer.Marshal()
}
