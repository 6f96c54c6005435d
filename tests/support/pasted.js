// SPDX-License-Identifier: AGPL-3.0-or-later
// What other programs put on the clipboard, written for these tests in their manner, and what a body makes of it.
'use strict';

const word = (inside) => `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><link rel=File-List href="file:///C:/Users/rita/AppData/Local/Temp/clip_filelist.xml">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt;word-wrap:break-word'><!--StartFragment-->
${inside}
<!--EndFragment--></body></html>`;
const item = (list, level, marker, words, kind = 'Middle') => `<p class=MsoListParagraphCxSp${kind} style='margin-left:${36 * level}.0pt;mso-add-space:auto;text-indent:-18.0pt;mso-list:l${list} level${level} lfo1'><![if !supportLists]><span style='font-family:Symbol;mso-fareast-font-family:Symbol'><span style='mso-list:Ignore'>${marker}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]><span lang=EN-US>${words}<o:p></o:p></span></p>`;

// { name, html, text, becomes, dir }: `becomes` is the body's HTML, one block a line.
module.exports = [
  {
    name: 'Word: paragraphs, bold, empty ones, a link',
    html: word(`<p class=MsoTitle>The ferries<o:p></o:p></p>
<p class=MsoNormal style='text-align:justify'><b style='mso-bidi-font-weight:normal'><span lang=EN-US style='mso-ansi-language:EN-US'>JAKARTA</span></b><span
lang=EN-US style='mso-ansi-language:EN-US'> – The ferries<span style='mso-spacerun:yes'>&nbsp; </span>are <i>back</i>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal>See <a href="https://station.test/plan"><span style='color:blue'>the plan</span></a> or <a href="file:///C:/plan.docx">my copy</a><a name="_Toc1"></a>.<o:p></o:p></p>
<p class=MsoQuote style='margin-left:43.2pt'>We are glad.<o:p></o:p></p>`),
    becomes: ['<h2>The ferries</h2>', '<p><strong>JAKARTA</strong> – The ferries are <em>back</em>.</p>',
      '<p>See <a href="https://station.test/plan" rel="noopener">the plan</a> or my copy.</p>', '<blockquote><p>We are glad.</p>', '</blockquote>'],
  },
  {
    name: 'Word: lists drawn as paragraphs',
    html: word(`<p class=MsoNormal>Three things:</p>${item(0, 1, '·', 'Gulls', 'First')}${item(0, 2, 'o', 'Herring gulls')}${item(0, 2, 'o', 'Black-headed gulls')}${item(0, 1, '·', 'Terns', 'Last')}
<p class=MsoNormal>In order:</p>${item(1, 1, '1.', 'Ship', 'First')}${item(1, 1, '2.', 'Port')}${item(1, 2, 'a)', 'Quay')}${item(1, 1, '3.', 'Town', 'Last')}`),
    becomes: ['<p>Three things:</p>', '<ul><li>Gulls<ul><li>Herring gulls</li><li>Black-headed gulls</li></ul></li><li>Terns</li></ul>', '<p>In order:</p>',
      '<ol><li>Ship</li><li>Port<ol><li>Quay</li></ol></li><li>Town</li></ol>'],
  },
  {
    name: 'Word: a table, a picture, what was struck out, a comment',
    html: word(`<table class=MsoTableGrid border=1 cellspacing=0 style='border-collapse:collapse'><tr style='mso-yfti-irow:0'><td width=200 valign=top style='width:150pt;border:solid windowtext 1.0pt'><p class=MsoNormal><b>Ship<o:p></o:p></b></p></td><td><p class=MsoNormal><b>Day</b></p></td></tr>
<tr><td><p class=MsoNormal>Rina</p></td><td><p class=MsoNormal>Monday</p><p class=MsoNormal>Tuesday</p></td></tr></table>
<p class=MsoNormal><!--[if gte vml 1]><v:shape id="p1"><v:imagedata src="file:///C:/clip_image001.png"/></v:shape><![endif]--><![if !vml]><img width=200 height=100 src="file:///C:/clip_image002.png"><![endif]></p>
<p class=MsoNormal>It sails <s>today</s> H<span style='vertical-align:sub'>2</span>O<span class=MsoCommentReference><a class=msocomanchor href="#_msocom_1">[RR1]</a></span>.</p>
<div style='mso-element:comment-list'><p class=MsoCommentText>Check this!</p></div>`),
    becomes: ['<table><tbody><tr><td><strong>Ship</strong></td><td><strong>Day</strong></td></tr><tr><td>Rina</td><td>Monday<br>Tuesday</td></tr></tbody></table>',
      '<p>It sails <s>today</s> H<sub>2</sub>O.</p>'],
    note: /Pictures were left out/,
  },
  {
    name: 'Google Docs: weights as styles, lists inside lists',
    html: `<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-0f3c"><h1 dir="ltr" style="line-height:1.38;margin-top:20pt;"><span style="font-size:20pt;font-family:Arial;color:#000000;font-weight:400;white-space:pre-wrap;">The ferries</span></h1><p dir="ltr" style="line-height:1.38;"><span style="font-size:11pt;font-weight:400;font-style:normal;text-decoration:none;">They are </span><span style="font-size:11pt;font-weight:700;font-style:normal;">back</span><span style="font-weight:400;"> at </span><span style="font-weight:400;font-style:italic;">noon</span><span>. </span><a href="https://www.google.com/url?q=https://station.test/plan&amp;sa=D" style="text-decoration:none;"><span style="color:#1155cc;text-decoration:underline;">Plan</span></a></p><br /><ul style="margin-top:0;"><li dir="ltr" style="list-style-type:disc;" aria-level="1"><p dir="ltr" role="presentation"><span>Gulls</span></p></li><ul><li dir="ltr" aria-level="2"><p dir="ltr"><span>Herring</span></p></li></ul><li dir="ltr" aria-level="1"><p dir="ltr"><span>Terns</span></p></li></ul></b><br class="Apple-interchange-newline">`,
    becomes: ['<h2>The ferries</h2>', '<p>They are <strong>back</strong> at <em>noon</em>. <a href="https://station.test/plan" rel="noopener">Plan</a></p>', '<ul><li>Gulls<ul><li>Herring</li></ul></li><li>Terns</li></ul>'],
  },
  {
    name: 'an old K2 page: fonts, spans, no-break spaces, double line ends',
    html: `<div class="itemFullText"><p style="text-align: justify;"><span style="font-family: verdana,geneva; font-size: 10pt;"><font color="#333333">VOI&nbsp;&nbsp;&nbsp;JAKARTA&nbsp;- The&nbsp;ferries are&nbsp; <strong>back</strong>.<br />&nbsp;<br />So are the gulls.<br /></font></span></p><p>&nbsp;</p><p align="center"><img src="http://other.test/x.gif" width="1" height="1" /></p><div>A line<br />and another<script>track()</script></div><h3><strong>More</strong></h3><center><table border="0"><tr><td><p>In a frame.</p></td></tr></table></center><iframe src="https://video.test/1"></iframe></div>`,
    becomes: ['<p>VOI JAKARTA - The ferries are <strong>back</strong>.</p>', '<p>So are the gulls.</p>', '<p>A line<br>and another</p>', '<h3>More</h3>', '<p>In a frame.</p>'],
  },
  {
    name: 'a page on the web: what is drawn by its computed styles',
    html: '<span style="color: rgb(0, 0, 0); font-family: Georgia; font-size: 16px; font-weight: 400; letter-spacing: normal; white-space: normal; display: inline !important; float: none;">The <b style="font-weight: 700;">ferries</b> are back</span>',
    becomes: ['<p>The <strong>ferries</strong> are back</p>'],
  },
  {
    name: 'French typography keeps its spaces, spacing by them goes',
    html: '<p>«&nbsp;Les bacs&nbsp;» sont là&nbsp;! 10&nbsp;000 passagers,&nbsp;&nbsp;&nbsp;environ&nbsp;un jour.</p>',
    becomes: ['<p>«\u00a0Les bacs\u00a0» sont là\u00a0! 10\u00a0000 passagers, environ un jour.</p>'],
  },
  {
    name: 'Arabic from Word into an English page: the other direction is said',
    html: word(`<p class=MsoNormal dir=RTL style='text-align:right;direction:rtl;unicode-bidi:embed'><span lang=AR-SA style='font-family:"Arial",sans-serif'>عادت العبّارات<o:p></o:p></span></p>`),
    becomes: ['<p dir="rtl">عادت العبّارات</p>'],
  },
  {
    name: 'Arabic from Word into an Arabic page: nothing to say',
    lang: 'ar',
    html: word(`<p class=MsoNormal dir=RTL style='text-align:right;direction:rtl;unicode-bidi:embed'><span lang=AR-SA style='font-family:"Arial",sans-serif'>عادت العبّارات<o:p></o:p></span></p>`),
    becomes: ['<p>عادت العبّارات</p>'],
  },
  {
    name: 'nothing that could run',
    html: '<p onclick="x()">Words <a href="javascript:alert(1)">here</a><img src=x onerror=alert(1)><svg><script>alert(1)</script></svg></p><a href="vbscript:x">there</a>',
    becomes: ['<p>Words here</p>', '<p>there</p>'],
  },
  { name: 'plain words: an empty line parts paragraphs, a set line stays', text: 'The ferries are back.\n\nRoses are red\r\nViolets are blue\n\n\nThe end.', becomes: ['<p>The ferries are back.</p>', '<p>Roses are red<br>Violets are blue</p>', '<p>The end.</p>'] },
  {
    name: 'PDF: lines as long as the page was wide become one, broken words whole',
    text: 'The ferries between the islands are sailing again after a year of repairs, the harbour-\nmaster said. Passengers had waited since the storm, which had damaged the inter-\nnational terminal and both quays of the old town.\n\nThe first one left at noon.',
    becomes: ['<p>The ferries between the islands are sailing again after a year of repairs, the harbourmaster said. Passengers had waited since the storm, which had damaged the international terminal and both quays of the old town.</p>', '<p>The first one left at noon.</p>'],
  },
  {
    name: 'words of which each line is a paragraph',
    text: `${'The ferries between the islands are sailing again. '.repeat(3).trim()}\n${'So are the gulls above the old town and its quays. '.repeat(3).trim()}`,
    becomes: [`<p>${'The ferries between the islands are sailing again. '.repeat(3).trim()}</p>`, `<p>${'So are the gulls above the old town and its quays. '.repeat(3).trim()}</p>`],
  },
];
