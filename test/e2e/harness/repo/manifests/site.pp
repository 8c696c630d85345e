include page
