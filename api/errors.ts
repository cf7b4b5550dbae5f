/** The failures of everything that meets the world: HTTP, store, configuration, workers. */
import { CodedError, type ErrorDefinition } from "../engine/index.ts";

export const API_ERRORS = {
  API_CONFIG_INVALID: {
    meaning: "The configuration has unknown keys or values out of range.",
    remedy: "Correct the named paths; docs/configuration.md lists the settings.",
    retryable: false,
  },
  API_DATA_FOLDER_HELD: {
    meaning: "Another process works on this data folder.",
    remedy: "End the process that is named, or choose another folder with --data or VOXDIAL_DATA_FOLDER.",
    retryable: true,
  },
  API_DATA_FOLDER_UNUSABLE: {
    meaning: "The data folder cannot be created or written, or its database is not ours.",
    remedy: "Check the folder's owner and free space, or choose another folder.",
    retryable: false,
  },
  API_STORE_LOST: {
    meaning: "The store's worker ended before it answered.",
    remedy: "Nothing to do: it restarts; report the log line before it.",
    retryable: true,
  },
  API_STORE_FAILED: {
    meaning: "The database refused an operation.",
    remedy: "Check free space and the health of the disk; the details carry the database's own words.",
    retryable: true,
  },
  API_UPLOAD_UNKNOWN: {
    meaning: "Rows were added to an upload that has ended.",
    remedy: "Start a new upload.",
    retryable: false,
  },
  API_REQUEST_INVALID: {
    meaning: "Fields of a request are missing or not of the documented form.",
    remedy: "Correct every field that the answer names.",
    retryable: false,
  },
  API_CREDENTIALS_INVALID: {
    meaning: "Login and pin do not belong together.",
    remedy: "Check login and pin.",
    retryable: false,
  },
  API_BUSY: {
    meaning: "Too many requests of a costly kind are under way.",
    remedy: "Send the request again in a moment.",
    retryable: true,
  },
  API_UPLOAD_TOO_LARGE: {
    meaning: "An uploaded file or field is larger than allowed.",
    remedy: "Split the list, or raise limits.maxUploadBytes.",
    retryable: false,
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ApiErrorCode = keyof typeof API_ERRORS;

export class ApiError extends CodedError {
  declare readonly code: ApiErrorCode;

  constructor(
    code: ApiErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, API_ERRORS[code], message, options);
  }
}
