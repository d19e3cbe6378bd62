/**
 * The talk script with its blanks filled: `{担当}` (`{担当姓}`) is the operator's family name,
 * `{顧客カナ}` and `{顧客名}` the customer. A blank nobody can fill stays visible.
 */

/** What somebody is called by: the first part of a Japanese name. */
export function familyName(name) {
  return name.split(/[\s　]/)[0];
}

/**
 * @param {string} script the campaign's text
 * @param {{operator: string, customer: {name: string, kana: string}}} who
 */
export function filledScript(script, { operator, customer }) {
  const family = familyName(operator);
  const blanks = {
    担当: family, 担当姓: family, 顧客カナ: customer.kana || customer.name, 顧客名: customer.name,
  };
  return script.replace(/\{([^{}]+)\}/g, (whole, name) => blanks[name] ?? whole);
}
