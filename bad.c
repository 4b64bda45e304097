int main(void){return foo();}
