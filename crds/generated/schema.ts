// Generated from crds/loomvideos.yaml by `npm run generate`. Do not edit.

/** The LoomVideo schema for Ajv (JSON Schema draft 7): defaults, patterns and bounds as in the CRD. */
export const loomVideoSchema = {
  "description": "A Loom video whose spoken words shall be searchable, to the second.",
  "type": "object",
  "required": [
    "spec"
  ],
  "properties": {
    "apiVersion": {
      "type": "string"
    },
    "kind": {
      "type": "string"
    },
    "metadata": {
      "type": "object"
    },
    "spec": {
      "description": "What shall be processed, and within which limits.",
      "type": "object",
      "required": [
        "url"
      ],
      "properties": {
        "url": {
          "description": "The share or embed link of one Loom video, such as https://www.loom.com/share/0123456789abcdef0123456789abcdef. Cannot be changed afterwards.",
          "type": "string",
          "maxLength": 2048,
          "pattern": "^https://(www\\.)?loom\\.com/(share|embed)/([A-Za-z0-9_-]+-)?[0-9a-f]{32}/?(\\?[A-Za-z0-9._~!$&*+,;=:@%/?()-]*)?(#[A-Za-z0-9._~!$&*+,;=:@%/?()-]*)?$",
          "x-kubernetes-validations": [
            {
              "rule": "self == oldSelf",
              "message": "url is immutable; create another LoomVideo for another video"
            }
          ]
        },
        "limits": {
          "description": "Bounds on what is downloaded. A video beyond them fails with a reason; nothing is cut.",
          "type": "object",
          "default": {},
          "properties": {
            "maxDuration": {
              "description": "The longest video accepted, as Loom states it and as measured, such as 5m or 90s.",
              "type": "string",
              "maxLength": 16,
              "pattern": "^([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$",
              "minLength": 2,
              "default": "5m",
              "x-kubernetes-validations": [
                {
                  "rule": "duration(self) > duration('0s')",
                  "message": "must be longer than 0s"
                }
              ]
            },
            "maxFileSize": {
              "description": "The largest file accepted, counted as it arrives.",
              "type": "string",
              "maxLength": 16,
              "pattern": "^[0-9]{1,12}(\\.[0-9]{1,3})?(k|M|G|Ki|Mi|Gi)?$",
              "default": "50Mi",
              "x-kubernetes-validations": [
                {
                  "rule": "quantity(self).isGreaterThan(quantity('0'))",
                  "message": "must be more than 0"
                }
              ]
            },
            "maxHeight": {
              "description": "The highest picture taken, in pixels, where Loom offers a choice.",
              "type": "integer",
              "minimum": 144,
              "maximum": 2160,
              "default": 480
            },
            "downloadTimeout": {
              "description": "Time for the whole download with its repetitions.",
              "type": "string",
              "maxLength": 16,
              "pattern": "^([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$",
              "minLength": 2,
              "default": "60s",
              "x-kubernetes-validations": [
                {
                  "rule": "duration(self) > duration('0s')",
                  "message": "must be longer than 0s"
                }
              ]
            }
          }
        },
        "transcription": {
          "description": "How speech becomes text.",
          "type": "object",
          "default": {},
          "properties": {
            "model": {
              "description": "The Whisper model. tiny.en knows English only.",
              "type": "string",
              "enum": [
                "tiny",
                "tiny.en"
              ],
              "default": "tiny"
            },
            "language": {
              "description": "The spoken language as an ISO 639 code such as en or fr; auto detects it.",
              "type": "string",
              "pattern": "^(auto|[a-z]{2,3})$",
              "maxLength": 4,
              "default": "auto"
            },
            "source": {
              "description": "whisper transcribes; captions takes Loom's own captions; auto prefers captions where there are any.",
              "type": "string",
              "enum": [
                "whisper",
                "captions",
                "auto"
              ],
              "default": "whisper"
            }
          }
        },
        "embedding": {
          "description": "How passages become vectors.",
          "type": "object",
          "default": {},
          "properties": {
            "model": {
              "description": "The embedding model, used where an embedding service is configured.",
              "type": "string",
              "minLength": 1,
              "maxLength": 128,
              "default": "text-embedding-3-small"
            },
            "dimensions": {
              "description": "Length of the vectors, where the model lets one choose; its own length otherwise.",
              "type": "integer",
              "minimum": 1,
              "maximum": 20000
            },
            "batchSize": {
              "description": "Passages sent in one request.",
              "type": "integer",
              "minimum": 1,
              "maximum": 100,
              "default": 3
            }
          }
        },
        "credentialsSecretRef": {
          "description": "Secret with the credentials, its keys named as the environment variables: OPENAI_API_KEY, PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL, SUPABASE_ANON_KEY and, optional, LOOM_API_KEY.",
          "type": "object",
          "required": [
            "name"
          ],
          "properties": {
            "name": {
              "type": "string",
              "minLength": 1,
              "maxLength": 253,
              "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
            }
          }
        },
        "passwordSecretRef": {
          "description": "Secret with the video's password. Reaches the download only.",
          "type": "object",
          "required": [
            "name"
          ],
          "properties": {
            "name": {
              "type": "string",
              "minLength": 1,
              "maxLength": 253,
              "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
            },
            "key": {
              "type": "string",
              "minLength": 1,
              "maxLength": 253,
              "pattern": "^[-._a-zA-Z0-9]+$",
              "default": "password"
            }
          }
        },
        "memory": {
          "description": "Memory of a run, and how it grows after the kernel or the guard ended one for it.",
          "type": "object",
          "default": {},
          "properties": {
            "limit": {
              "description": "Memory of the first attempt.",
              "type": "string",
              "maxLength": 16,
              "pattern": "^[0-9]{1,12}(\\.[0-9]{1,3})?(k|M|G|Ki|Mi|Gi)?$",
              "default": "400Mi",
              "x-kubernetes-validations": [
                {
                  "rule": "!quantity(self).isLessThan(quantity('64Mi'))",
                  "message": "must be at least 64Mi: no stage starts with less"
                }
              ]
            },
            "max": {
              "description": "Memory no attempt exceeds.",
              "type": "string",
              "maxLength": 16,
              "pattern": "^[0-9]{1,12}(\\.[0-9]{1,3})?(k|M|G|Ki|Mi|Gi)?$",
              "default": "800Mi",
              "x-kubernetes-validations": [
                {
                  "rule": "!quantity(self).isLessThan(quantity('64Mi'))",
                  "message": "must be at least 64Mi: no stage starts with less"
                }
              ]
            },
            "factor": {
              "description": "The next attempt after an OOM kill gets this many times the memory, up to max.",
              "type": "string",
              "maxLength": 8,
              "pattern": "^([1-9]|10)(\\.[0-9]{1,3})?$",
              "default": "1.5"
            }
          }
        },
        "timeout": {
          "description": "Time for one attempt, all stages together.",
          "type": "string",
          "maxLength": 16,
          "pattern": "^([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$",
          "minLength": 2,
          "default": "10m",
          "x-kubernetes-validations": [
            {
              "rule": "duration(self) > duration('0s')",
              "message": "must be longer than 0s"
            }
          ]
        },
        "maxAttempts": {
          "description": "How often a video is tried when failures are of the passing kind.",
          "type": "integer",
          "minimum": 1,
          "maximum": 20,
          "default": 3
        },
        "suspend": {
          "description": "Holds the video back; a running attempt is stopped.",
          "type": "boolean",
          "default": false
        },
        "deletionPolicy": {
          "description": "Whether the vectors and records are deleted or retained when the LoomVideo is deleted.",
          "type": "string",
          "enum": [
            "Delete",
            "Retain"
          ],
          "default": "Delete"
        }
      }
    },
    "status": {
      "description": "What was observed. Written by the controller.",
      "type": "object",
      "properties": {
        "observedGeneration": {
          "description": "The metadata.generation this status speaks of.",
          "type": "integer"
        },
        "phase": {
          "description": "One word for people; programs read the conditions.",
          "type": "string"
        },
        "stage": {
          "description": "The stage that runs or ran last.",
          "type": "string"
        },
        "attempts": {
          "description": "Attempts begun for this spec.",
          "type": "integer"
        },
        "conditions": {
          "type": "array",
          "maxItems": 32,
          "items": {
            "type": "object",
            "required": [
              "type",
              "status",
              "lastTransitionTime",
              "reason",
              "message"
            ],
            "properties": {
              "type": {
                "type": "string",
                "maxLength": 316
              },
              "status": {
                "type": "string",
                "enum": [
                  "True",
                  "False",
                  "Unknown"
                ]
              },
              "observedGeneration": {
                "type": "integer",
                "minimum": 0
              },
              "lastTransitionTime": {
                "type": "string"
              },
              "reason": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"
              },
              "message": {
                "type": "string",
                "maxLength": 32768
              }
            }
          }
        },
        "video": {
          "type": "object",
          "properties": {
            "title": {
              "type": "string"
            },
            "uploader": {
              "type": "string"
            },
            "durationSeconds": {
              "type": "number"
            },
            "sizeBytes": {
              "type": "integer"
            },
            "width": {
              "type": "integer"
            },
            "height": {
              "type": "integer"
            },
            "source": {
              "description": "Which way brought it, yt-dlp unless a fallback of development did.",
              "type": "string"
            }
          }
        },
        "transcript": {
          "type": "object",
          "properties": {
            "language": {
              "type": "string"
            },
            "model": {
              "description": "The model that really ran.",
              "type": "string"
            },
            "segments": {
              "type": "integer"
            },
            "words": {
              "type": "integer"
            }
          }
        },
        "index": {
          "type": "object",
          "properties": {
            "passages": {
              "type": "integer"
            },
            "model": {
              "type": "string"
            },
            "dimensions": {
              "type": "integer"
            },
            "vectorStore": {
              "type": "string"
            },
            "recordStore": {
              "type": "string"
            }
          }
        },
        "memory": {
          "description": "MB of 1024².",
          "type": "object",
          "properties": {
            "peakMb": {
              "type": "integer"
            },
            "limitMb": {
              "type": "integer"
            },
            "afterMb": {
              "type": "integer"
            }
          }
        },
        "timings": {
          "description": "Seconds of each stage that ran.",
          "type": "object",
          "properties": {
            "fetchSeconds": {
              "type": "number"
            },
            "transcribeSeconds": {
              "type": "number"
            },
            "indexSeconds": {
              "type": "number"
            },
            "totalSeconds": {
              "type": "number"
            }
          }
        },
        "job": {
          "description": "The Job of the attempt that runs or ran last.",
          "type": "object",
          "properties": {
            "name": {
              "type": "string"
            },
            "uid": {
              "description": "Set once the Job was seen, so that one that vanished is told from one not yet made.",
              "type": "string"
            }
          }
        },
        "ledger": {
          "description": "What the controller remembers from one attempt to the next.",
          "type": "object",
          "properties": {
            "run": {
              "description": "Counts fresh starts, of another spec or by the annotation qudemo.dev/retry.",
              "type": "integer"
            },
            "resultHash": {
              "description": "Of the spec fields that change what is stored.",
              "type": "string"
            },
            "specHash": {
              "description": "Of all spec fields that an attempt depends on.",
              "type": "string"
            },
            "retry": {
              "description": "The value of the annotation qudemo.dev/retry that was last acted upon.",
              "type": "string"
            },
            "recorded": {
              "description": "Attempts of this run whose failure is recorded.",
              "type": "integer"
            },
            "memoryLimit": {
              "description": "Memory of the next attempt, where it was raised above spec.memory.limit.",
              "type": "string"
            },
            "memoryFailures": {
              "type": "integer"
            },
            "transientFailures": {
              "type": "integer"
            },
            "infrastructureFailures": {
              "description": "Attempts lost through no fault of the video, which count against no other budget.",
              "type": "integer"
            },
            "notBefore": {
              "description": "When the next attempt may begin.",
              "type": "string"
            },
            "stored": {
              "description": "Whether something may have been stored, which deletion then purges.",
              "type": "boolean"
            },
            "purgeAttempts": {
              "type": "integer"
            }
          }
        },
        "startedAt": {
          "type": "string"
        },
        "finishedAt": {
          "type": "string"
        },
        "lastError": {
          "description": "The last failure, kept while later attempts run.",
          "type": "object",
          "properties": {
            "stage": {
              "type": "string"
            },
            "reason": {
              "type": "string"
            },
            "message": {
              "type": "string"
            },
            "retryable": {
              "type": "boolean"
            }
          }
        }
      }
    }
  }
} as const;
