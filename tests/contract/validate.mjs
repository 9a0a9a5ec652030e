// Holds GraphQL documents, and answers to them, against GitHub's schema. Reads {graphqlJs, schema, exchanges: [{document, variables,
// answer}]} from standard input and prints what is wrong with each, as a list of texts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const input = JSON.parse(readFileSync(0, "utf8"));
const { buildSchema, executeSync, parse, validate } = createRequire(import.meta.url)(input.graphqlJs);
// As GitHub publishes it: it defines a field of EnterpriseOwnerInfo twice, which graphql-js would refuse.
const schema = buildSchema(readFileSync(input.schema, "utf8"), { assumeValidSDL: true });

// graphql-js knows nothing of GitHub's own scalars: each is a text of this form.
const forms = {
  BigInt: /^-?\d+$/,
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  GitObjectID: /^[0-9a-f]{40}$/,
  URI: /^https?:\/\//,
};
for (const [name, form] of Object.entries(forms)) {
  schema.getType(name).serialize = (value) => {
    if (typeof value !== "string" || !form.test(value)) throw new Error(`${JSON.stringify(value)} is no ${name}`);
    return value;
  };
}

// A field that was asked for and is not there is not the same as null.
function resolveField(source, _arguments, _context, info) {
  if (!Object.hasOwn(source, info.path.key)) throw new Error(`the answer lacks ${info.path.key}`);
  return source[info.path.key];
}

// By __typename where it was asked for, else by the only type that the document asks anything of.
function resolveType(value, _context, info, type) {
  if (value.__typename) return value.__typename;
  const asked = info.fieldNodes.flatMap((field) => field.selectionSet.selections);
  const names = new Set(asked.flatMap((selection) => selection.typeCondition?.name.value ?? []));
  if (names.size !== 1) throw new Error(`which ${type.name} this is cannot be told`);
  return [...names][0];
}

function problemsOfErrors(errors) {
  if (errors === undefined) return [];
  if (!Array.isArray(errors) || errors.length === 0) return ["errors is no list of errors"];
  return errors.filter((error) => typeof error.message !== "string").map(() => "an error has no message");
}

function problemsOfData(document, variableValues, data) {
  if (data === null || data === undefined) return [];
  const executed = executeSync({
    schema,
    document,
    variableValues,
    rootValue: data,
    fieldResolver: resolveField,
    typeResolver: resolveType,
  });
  if (executed.errors) return executed.errors.map((error) => `${error.path?.join(".") ?? ""}: ${error.message}`);
  // What was not asked for, and what only became right by being converted, differs.
  const asked = JSON.parse(JSON.stringify(executed.data));
  return isDeepStrictEqual(asked, data) ? [] : ["the answer is not what was asked for"];
}

function problems({ document: text, variables, answer }) {
  let document;
  try {
    document = parse(text);
  } catch (error) {
    return [error.message];
  }
  const invalid = validate(schema, document).map((error) => error.message);
  if (invalid.length > 0 || answer === null) return invalid;
  return [...problemsOfErrors(answer.errors), ...problemsOfData(document, variables, answer.data)];
}

const found = input.exchanges.map((exchange) => {
  const name = /query (\w+)/.exec(exchange.document)?.[1];
  return problems(exchange).map((problem) => `${name}: ${problem}`);
});
console.log(JSON.stringify(found));
