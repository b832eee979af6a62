import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { CHART } from './renderChart.ts';

export const readChart = (file: string): string => readFileSync(`${CHART}/${file}`, 'utf8');

export const valuesSchema = JSON.parse(readChart('values.schema.json')) as object;

/** The chart's defaults. */
export const defaultValues = (): Record<string, unknown> =>
  parse(readChart('values.yaml')) as Record<string, unknown>;

/** Whether values may be handed to the chart: what Helm checks before it renders. */
export const isValues: ValidateFunction = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
  valuesSchema,
);
