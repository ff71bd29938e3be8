package dynamo

import (
	"context"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// part is a part of one partition of a table.
type part struct {
	pk string
	// from and to are the first and the last sort key, "" for all of them.
	from, to string
	// limit is the most items to read, 0 for all.
	limit int
	// backward reads from the end.
	backward bool
	// having is an attribute that the items have to have, "" for none.
	having string
	// attrs are the attributes to read, none for all.
	attrs []string
}

// query reads the items of a part that have not expired, page by page to its
// end or to the limit, in the order in which it reads.
func (t *table) query(ctx context.Context, p part) ([]item, error) {
	in := &dynamodb.QueryInput{
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
			return nil, nil
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
	if p.limit > 0 {
		in.Limit = aws.Int32(int32(min(p.limit, math.MaxInt32)))
	}
	var items []item
	for {
		page, err := t.api.Query(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			items = append(items, i)
		}
		if p.limit > 0 && len(items) >= p.limit {
			return items[:p.limit], nil
		}
		// DynamoDB counts what has expired towards the limit of a page: one may
		// be short, or empty, and not the last.
		if in.ExclusiveStartKey = page.LastEvaluatedKey; len(page.LastEvaluatedKey) == 0 {
			return items, nil
		}
	}
}
