import type { Brand, Client } from '../core/clients/client.ts'
import type { Language } from '../core/context.ts'

/** A page as it goes over the wire, for what answers outside of Fastify. */
export interface RenderedPage {
  headers: Record<string, string>
  html: string
}

/** Whom a page of the protocol is shown to, and for whom. */
export interface ProtocolView {
  language: Language
  /** The app that the page is about; the realm when not given. */
  brand?: Brand
  /** The path and query that open the page again, where a GET does. */
  url?: string
}

/** Where a form of the protocol is posted to, and the key that makes it the browser's own. */
export interface ProtocolForm {
  action: string
  xsrf: string
}

/** The device that asks for a sign-in, as far as it has shown itself. */
export interface AskingDevice {
  ip?: string
  userAgent?: string
}

/** What is wrong with a user code. */
export type UserCodeProblem = 'missing' | 'unknown' | 'expired' | 'used'

/** The pages that the protocol answers with by itself, each with status 200 unless `failure` says another. */
export interface OpenidPages {
  /** Asks for the code that a device shows (RFC 8628 §3.3). Posts `xsrf` and `user_code`. */
  userCode(
    view: ProtocolView,
    form: ProtocolForm & { userCode?: string; problem?: UserCodeProblem },
  ): Promise<RenderedPage>
  /**
   * Asks whether the device is the person's own (RFC 8628 §5.4). Posts `xsrf`, `user_code`, and one of `confirm` and
   * `abort`. `shownCode` is the code as the device shows it.
   */
  confirmDevice(
    view: ProtocolView,
    form: ProtocolForm & { userCode: string; shownCode: string; device: AskingDevice },
  ): Promise<RenderedPage>
  /** Says that the device is signed in. */
  deviceDone(view: ProtocolView): Promise<RenderedPage>
  /** Says that the device was refused. */
  deviceRefused(view: ProtocolView): Promise<RenderedPage>
  /**
   * Asks whether to sign out of everything in this browser, or of the app that asks alone, where there is one. Posts
   * `xsrf`, and `logout` for everything. `redirectUri` is where the answer leads.
   */
  logout(
    view: ProtocolView,
    form: ProtocolForm & { client?: Client; redirectUri?: string },
  ): Promise<RenderedPage>
  /** Says what has ended: one app, or everything in this browser. */
  loggedOut(view: ProtocolView, ended: { client?: Client }): Promise<RenderedPage>
  /** Says why a request is refused; `error` and `description` as in RFC 6749 §4.1.2.1. */
  failure(
    view: ProtocolView,
    refusal: { error: string; description?: string; requestId: string },
  ): Promise<RenderedPage>
}
