// @ts-check
// One kind of object kept in this browser (IndexedDB), by one of its own fields. Every use opens and closes the
// database.

/** @typedef {(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest) => Promise<any>} Within */

/**
 * The door to one store, which is made when it is missing.
 * @param {string} database
 * @param {string} store
 * @param {string} keyPath
 * @returns {Within}
 */
export function keeping(database, store, keyPath) {
  return async (mode, work) => {
    const opened = await open(database, store, keyPath);
    try {
      return await answered(work(opened.transaction(store, mode).objectStore(store)));
    } finally {
      opened.close();
    }
  };
}

/** @param {string} database @param {string} store @param {string} keyPath @returns {Promise<IDBDatabase>} */
function open(database, store, keyPath) {
  const request = indexedDB.open(database, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath });
  return answered(request);
}

/** @param {IDBRequest} request @returns {Promise<any>} */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
