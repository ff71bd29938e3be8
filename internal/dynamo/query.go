package dynamo

import (
	"cmp"
	"context"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// part is a part of one partition of a table.
type part struct {
	pk string
	// from and to are the first and the last sort key, "" for all of them.
	from, to string
	// limit is the maximum number of items to read, 0 for all.
	limit int
	// page is the maximum number of items to read in one call, 0 for what one returns.
	page int
	// backward reads from the end.
	backward bool
	// having is an attribute that the items must have, "" for none.
	having string
	// attrs are the attributes to read, none for all.
	attrs []string
}

// input returns the query for the items of a part that have not expired, and whether there
// can be any.
func (t *table) input(p part) (in *dynamodb.QueryInput, some bool) {
	in = &dynamodb.QueryInput{
		TableName:                 &t.name,
		ConsistentRead:            aws.Bool(true),
		ScanIndexForward:          aws.Bool(!p.backward),
		KeyConditionExpression:    aws.String("#pk = :pk"),
		FilterExpression:          aws.String("#ttl > :now"),
		ExpressionAttributeNames:  names(append([]string{attrPK, attrTTL}, p.attrs...)...),
		ExpressionAttributeValues: item{":pk": text(p.pk), ":now": number(t.now().Unix())},
	}
	if p.to != "" {
		if p.from > p.to { // DynamoDB calls that an error
			return nil, false
		}
		in.KeyConditionExpression = aws.String("#pk = :pk AND #sk BETWEEN :from AND :to")
		in.ExpressionAttributeNames["#"+attrSK] = attrSK
		in.ExpressionAttributeValues[":from"] = text(p.from)
		in.ExpressionAttributeValues[":to"] = text(p.to)
	}
	if p.having != "" {
		in.FilterExpression = aws.String("#ttl > :now AND attribute_exists(#" + p.having + ")")
		in.ExpressionAttributeNames["#"+p.having] = p.having
	}
	if len(p.attrs) > 0 {
		in.ProjectionExpression = aws.String("#" + strings.Join(p.attrs, ", #"))
	}
	if most := cmp.Or(p.limit, p.page); most > 0 {
		in.Limit = aws.Int32(int32(min(most, math.MaxInt32)))
	}
	return in, true
}

// pages reads the items of a part that have not expired, to its end or to the limit, and
// calls do with each page in turn. A page can be empty.
func (t *table) pages(ctx context.Context, p part, do func(page []map[string]types.AttributeValue)) error {
	in, some := t.input(p)
	for left := p.limit; some; {
		out, err := t.api.Query(ctx, in)
		if err != nil {
			return err
		}
		page := out.Items
		if p.limit > 0 {
			page = page[:min(len(page), left)]
			left -= len(page)
		}
		do(page)
		// DynamoDB counts expired items towards the limit of a page: so a page may be short
		// or empty without being the last.
		in.ExclusiveStartKey = out.LastEvaluatedKey
		some = len(out.LastEvaluatedKey) > 0 && (p.limit == 0 || left > 0)
	}
	return nil
}

// query reads the items of a part that have not expired, as pages does.
func (t *table) query(ctx context.Context, p part) ([]item, error) {
	var items []item
	err := t.pages(ctx, p, func(page []map[string]types.AttributeValue) {
		for _, i := range page {
			items = append(items, i)
		}
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

// count counts the items of a part that have not expired.
func (t *table) count(ctx context.Context, p part) (int, error) {
	in, some := t.input(p)
	n := 0
	for some {
		in.Select = types.SelectCount
		out, err := t.api.Query(ctx, in)
		if err != nil {
			return 0, err
		}
		n += int(out.Count)
		in.ExclusiveStartKey = out.LastEvaluatedKey
		some = len(out.LastEvaluatedKey) > 0
	}
	return n, nil
}
