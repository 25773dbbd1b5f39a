import { base } from './paths.ts'
// TEMPORARY
export function mailFor(ctx: any, type: string, asked: any) {
  return {
    link: `${ctx.publicUrl}${base}/verify?token={token}&type=${type}&redirect_to=`,
    withCode: true,
    challenge: undefined,
  }
}
