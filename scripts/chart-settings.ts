/** What the chart has of the settings that are values of it: rows of the schema, and environment variables of the Deployment. */
import type { TSchema } from 'typebox';
import { type Setting, settings } from '../src/config/settings.ts';

/** A part of values.schema.json. */
export type Schema = {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  enum?: string[];
  const?: string;
  anyOf?: Schema[];
  items?: Schema;
  minItems?: number;
  pattern?: string;
};

/** The rows of the schema by the path of their value. A setting without a default may be empty. */
export function createSchemaRows(): Map<string, Schema> {
  const rows = chartSettings().map(
    ({ path, schema, isOptional }) => [path, isOptional ? orEmpty(schema) : schema] as const,
  );
  return new Map(rows);
}

/** The text of templates/_settings.tpl. */
export function renderSettingsTemplate(): string {
  const variables = chartSettings().map((setting, i, all) => {
    const condition = conditionOf(setting);
    const opens = condition !== undefined && condition !== conditionOf(all[i - 1]);
    const closes = condition !== undefined && condition !== conditionOf(all[i + 1]);
    return `${opens ? `{{- if ${condition} }}\n` : ''}${renderVariable(setting)}${closes ? '{{- end }}\n' : ''}`;
  });
  return `${header}{{- define "clockout.settings" -}}\n${variables.join('')}{{- end -}}\n`;
}

// --- internal ---

type ChartSetting = { path: string; variable: string; schema: Schema; isOptional: boolean };

const header = `{{/*
Generated from src/config/ by \`npm run generate\`: change that. Environment variables of the server that are values of the chart.
*/}}
`;

/** Values that have an effect only under a condition, by the start of their paths. */
const conditions: Record<string, string> = {
  'certs.self.': 'eq .Values.certs.mode "self"',
  'native.nodes': 'eq .Values.strategy "auto"',
  'registry.': '.Values.registry.lookup',
  'sweep.minutes': 'gt (int .Values.sweep.minutes) 0',
};

function chartSettings(): ChartSetting[] {
  return settings.flatMap(({ chart, kind, variable, default: preset }: Setting) => {
    if (chart === 'unset' || !('value' in chart)) return [];
    const schema = toPlainSchema(chart.schema ?? kind.inChart);
    return [{ path: chart.value, variable, schema, isOptional: preset === undefined }];
  });
}

const toPlainSchema = (schema: TSchema): Schema => JSON.parse(JSON.stringify(schema));

function orEmpty({ minItems: _, ...schema }: Schema): Schema {
  if (schema.type === 'array' || schema.type === 'object') return schema;
  return schema.enum ? { ...schema, enum: ['', ...schema.enum] } : { anyOf: [{ const: '' }, schema] };
}

/** Undefined if the setting is always there, as the value is that its neighbors depend on. */
function conditionOf(setting: ChartSetting | undefined): string | undefined {
  const [, condition] = Object.entries(conditions).find(([start]) => setting?.path.startsWith(start)) ?? [];
  return condition === `.Values.${setting?.path}` ? undefined : condition;
}

function renderVariable({ path, variable, schema, isOptional }: ChartSetting): string {
  const value = `.Values.${path}`;
  const line = (from: string) => `- name: ${variable}\n  value: {{ ${renderText(schema, from)} | quote }}\n`;
  return isOptional ? `{{- with ${value} }}\n${line('.')}{{- end }}\n` : line(value);
}

/** As the server reads it from the environment: src/config/kinds.ts. */
function renderText({ type, items }: Schema, value: string): string {
  if (type === 'boolean') return `ternary "on" "off" ${value}`;
  // Helm reads numbers of values.yaml as floats, and would write 1e+06.
  if (type === 'integer') return `int ${value}`;
  if (type === 'object' || items?.type === 'object') return `toJson ${value}`;
  return type === 'array' ? `join "," ${value}` : value;
}
