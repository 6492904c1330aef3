import * as React from 'react';
const rows: unknown[] = [];
export function Row(props: { name: string; on?: () => void }) {
  const { name, ...rest } = props;
  rows.push(() => name);
  return <div className="row" key={name} onClick={() => rows.push(name)} {...rest}>
    Hello <b>{name}</b> &amp; co
    <><Cell value={1} deep-name='x' /></>
    {rows.map((row) => <Cell value={row} />)}
  </div>;
}
const Cell = ({ value }: { value: unknown }) => <span>{String(value)}</span>;
