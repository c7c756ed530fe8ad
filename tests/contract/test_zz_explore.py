"""explore"""
import asyncio, json
from tests.contract.doors import Doors
async def test_explore(doors):
    """x"""
    doc={"title":"T","questions":[
      {"text":"Q1","options":["S",{"text":"C","correct":True},"P"],"time_limit":2,"explanation":"SENT"},
      {"text":"Q2","options":["S",{"text":"C","correct":True},"P"],"time_limit":2}]}
    async with await doors.room(doc) as room:
        p=await room.player("ann"); q=await room.player("bob")
        print("SNAP",p.snapshot)
        h=await room.host()
        f=await h.host("start","new_question"); print(f.text)
        qq=await p.line.wait("new_question"); 
        qid=qq["question"]["id"]
        e=await p.line.answer(qid,["b"]); print("EARLY",e.text)
        await asyncio.sleep(1.2)
        e=await p.line.answer(qid,["b"]); print("ACK",e.text)
        r=await room.http.answer(q.seat.resume_token,qid,["a"]); print(r)
        c=await room.closed(p,qid); print(c.text)
        await asyncio.sleep(.5)
        print(await h.host("next","new_question"))
        c=await p.line.wait("new_question",since=p.line.frames.index(c)); 
        print(await h.host("close","session","question_closed"))
        await h.wait("question_closed",question_id=c["question"]["id"])
        print(await h.host("next","quiz_finished","session","new_question"))
        await p.line.wait("quiz_finished")
        for f in p.line.frames: print("P",f.text)
        for f in h.frames: print("H",f.text)
        print(json.dumps(await room.results()))
        print(await room.audit()); print(await room.board())
        print(await doors.ask("session.get",session_id=room.session_id))
    print(doors.platform.outputs)
