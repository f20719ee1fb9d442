/* siyu: events of pages. <script src="https://…/v1/siyu.js" data-key="pk_…" data-consent="required"></script> */
