"""Instructions are counted by class, whatever else stands in the text."""

import pytest

from harness.build import sass

LISTING = """
	.target	sm_90
//--------------------- .text._Z3addPf --------------------------
	.section	.text._Z3addPf,"ax",@progbits
        .other          _Z3addPf,@"STO_CUDA_ENTRY STV_DEFAULT"
_Z3addPf:
        /*0000*/                   LDC R1, c[0x0][0x28] ;
        /*0010*/                   IMAD.MOV.U32 R0, RZ, RZ, -0x800000 ;
        /*0020*/                   HFMA2.MMA R5, -RZ, RZ, 0, 0 ;
        /*0030*/                   IMAD.WIDE R2, R0, 0x4, R2 ;
        /*0040*/              @!P0 LDG.E.128.CONSTANT R4, desc[UR4][R2.64] ;
        /*0050*/                   STL.64 [R1+0x8], R4 ;
        /*0060*/                   LDL R4, [R1+0x8] ;
        /*0070*/                   HGMMA.64x64x16.F32 R24, gdesc[UR8], R24, gsb0 ;
        /*0080*/             @P1   BRA `(.L_x_1) ;
        /*0090*/                   WHATISTHIS R1 ;
.L_x_1:
        /*00a0*/                   EXIT ;
        /*00b0*/                   NOP;
	.section	.text.helper,"ax",@progbits
        /*0000*/                   FADD R0, R0, R1 ;
"""


def test_a_listing_is_counted_by_class():
    add, helper = sass.parse(LISTING)
    assert (add.symbol, add.entry, helper.symbol, helper.entry) == ("_Z3addPf", True, "helper", False)
    assert dict(add.instructions) == {
        "move": 3,  # LDC, and two multiplications by zero
        "integer": 1,
        "global_load": 1,
        "local": 2,
        "tensor": 1,
        "control": 2,
        "other": 1,
    }
    assert (add.local_store_bytes, add.local_load_bytes) == (8, 4)  # .64, and a plain word
    assert dict(helper.instructions) == {"fp32": 1}


@pytest.mark.parametrize(
    ("instruction", "kind"),
    [
        ("FFMA", "fp32"), ("DFMA", "fp64"), ("HADD2", "fp16"), ("IADD3", "integer"), ("HMMA", "tensor"),
        ("UTCHMMA", "tensor"), ("MUFU", "special"), ("LDG", "global_load"), ("LDGSTS", "global_load"),
        ("STG", "global_store"), ("LDS", "shared_load"), ("STS", "shared_store"), ("LDL", "local"), ("RED", "atomic"),
        ("ATOMS", "atomic"), ("BAR", "barrier"), ("SHFL", "shuffle"), ("BRA", "control"), ("MOV", "move"),
        ("I2F", "conversion"), ("TEX", "other"),
    ],
)  # fmt: skip
def test_mnemonics_have_their_class(instruction: str, kind: str):
    assert sass.classify(instruction) == kind


def test_no_mnemonic_is_in_two_classes():
    names = [name for names in sass._CLASSES.values() for name in names.split()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "text", ["", "\0\0\n" * 100, ".section .text." + "x" * 100_000, "        /*0000*/ " + "A" * 100_000 + " ;\n" * 1000]
)
def test_any_text_is_taken(text: str):
    assert sass.parse(text) == []


def test_kernels_are_bounded():
    text = "\n".join(f'\t.section\t.text.k{i},"ax"' for i in range(1000))
    assert len(sass.parse(text)) == sass.MAX_KERNELS
